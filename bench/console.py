"""The console: its first paint, a timeline of 35 days, and what it costs others to have the live log open."""
import json
import os
import statistics
import subprocess
import tempfile

from support import ROOT, MemoryWatch, Server, create_table, load, recover, table

DAYS = 35
PAGES = ROOT / "bench/console_pages.mjs"
RUNS = 5  # of GetItem, with the log open and without, in turns


def in_browser(server, *words):
    done = subprocess.run(["node", PAGES, server.endpoint, *map(str, words)], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def paint(server):
    found = in_browser(server, "paint", 9)
    rows = []
    for name, key in [("first visit", "cold"), ("again, from the browser's cache", "warm")]:
        for what, part in [("first content: the menu", "first"), ("the view, drawn by the script", "view")]:
            times = [visit[part] for visit in found[key]]
            rows.append([name, what, f"{statistics.median(times):.0f} ms", f"{max(times):.0f} ms"])
    table("Console: first paint, of nine", ["visit", "drawn", "median", "slowest"], rows)


def fill_window(server, changes):
    """So many changes over the recovery window, each day the same items."""
    a_day = changes // DAYS
    for day in range(DAYS):
        load(server, "fill-batch", 16, 300, requests=a_day // 25, keys=a_day)
        if day < DAYS - 1:
            server.advance(86_400)


def timeline(server, changes):
    answers = []
    for run in in_browser(server, "timeline", "bench"):
        answers.append([f"{run['answer']:.0f} ms", f"{run['draw']:.0f} ms", f"{run['both']:.0f} ms"])
    activity = json.loads(server.request("GET", "/_tidemark/tables/bench/activity?points=360"))
    counted = sum(sum(counts) for counts in activity["writes"].values())
    table(f"Console: timeline of {DAYS} days, {changes:,} changes ({counted:,} in the chart), five visits",
          ["answer", "then until drawn", "together"], answers)


def behind_others():
    """Before a command that is to have what processors others leave. Run by root, Chromium would raise itself above all: it is
    run by nobody."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
              "env", f"HOME={tempfile.gettempdir()}"] if os.getuid() == 0 else []
    return ["nice", "-n", "19", *nobody]


def live_log(server, seconds, keys):
    """GetItem with the live log open in a browser, and without: in turns, the medians of the 99th percentiles."""
    alone, watched, heaps, rows_shown = [], [], [], 0
    memory = MemoryWatch(server)
    memory.start()
    for _ in range(RUNS):
        alone.append(load(server, "get", 4, seconds, keys=keys))
        watcher = subprocess.Popen([*behind_others(), "node", PAGES, server.endpoint, "watch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if watcher.stdout.readline() != "ready\n":
            raise SystemExit("the live log does not open")
        watched.append(load(server, "get", 4, seconds, keys=keys))
        said, _ = watcher.communicate("", timeout=60)
        found = json.loads(said)
        heaps.append(found["heap"])
        rows_shown = max(rows_shown, found["rows"])

    def middle(runs, key):
        return statistics.median(run[key] for run in runs)
    rows = [["closed", f"{middle(alone, 'p99_us'):.0f}", f"{middle(alone, 'p50_us'):.0f}", f"{middle(alone, 'cpu_us'):.1f}", ""],
            ["open", f"{middle(watched, 'p99_us'):.0f}", f"{middle(watched, 'p50_us'):.0f}", f"{middle(watched, 'cpu_us'):.1f}",
             f"p99 {middle(watched, 'p99_us') / middle(alone, 'p99_us'):.2f}×"]]
    table("Console: GetItem with the live log closed and open, medians of five", ["live log", "p99 us", "p50 us", "CPU us", ""], rows)
    asked = sum(run["requests"] for run in watched)
    table("Console: memory of the live log", ["of", "at first", "at most", "after", ""],
          [["the page", *(f"{value / 1e6:.1f} MB" for value in (heaps[-1][0], max(map(max, heaps)), heaps[-1][-1])),
            f"{asked:,} requests while it was open, {rows_shown} lines shown"],
           ["the server", "", "", "", f"RSS +{memory.growth():.0f} MB in all runs"]])


def console(scratch, seconds, changes):
    with Server("tidemark", tempfile.mkdtemp(dir=scratch)) as server:
        create_table(server, "bench")
        recover(server, "bench")
        paint(server)
        fill_window(server, changes)
        timeline(server, changes)
        live_log(server, seconds, max(changes // DAYS, 1))
