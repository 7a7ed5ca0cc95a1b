"""Moves the time of a server."""
import datetime
import json
import urllib.error
import urllib.request


class Clock:
    def __init__(self, endpoint):
        self._url = endpoint + '/_tidemark/clock'

    def state(self):
        return json.load(urllib.request.urlopen(self._url))

    def change(self, **members):
        request = urllib.request.Request(self._url, json.dumps(members).encode(), {'Content-Type': 'application/json'})
        return json.load(urllib.request.urlopen(request))

    def refusal(self, body, content_type='application/json'):
        """Status and sentence of the answer to a POST that must not succeed."""
        try:
            urllib.request.urlopen(urllib.request.Request(self._url, body, {'Content-Type': content_type}))
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)['error']
        raise AssertionError(f'accepted: {body}')

    def now(self):
        return datetime.datetime.fromisoformat(self.state()['now'].replace('Z', '+00:00'))
