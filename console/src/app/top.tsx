import Button from '@cloudscape-design/components/button';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useState } from 'react';
import { currentSession, serverFacts, setSession } from '../client/session';
import { readClock } from '../client/tidemark';
import { aheadOrBehind } from '../parts/format';
import { useLoad } from '../parts/use_load';
import { BASE, go, href } from './router';
import { isDark, setDark } from './theme';

// The bar at the top: what time it is to the service, the region, light or dark.
export function Top({ onSessionChange }: { onSessionChange: () => void }) {
  const [dark, setDarkShown] = useState(isDark());
  const [settings, setSettings] = useState(false);
  const session = currentSession();
  const clock = useLoad(readClock, [], () => 5000);
  const difference = clock.data ? aheadOrBehind(clock.data.offset) : '';
  const offset = difference && ` (${difference})`;
  const now = clock.data ? clock.data.now.slice(0, 16).replace('T', ' ') + ' UTC' : '';
  return (
    <>
      <TopNavigation
        identity={{ href: BASE + '/', title: 'Tidemark', onFollow: (event) => (event.preventDefault(), go(href([]))) }}
        utilities={[
          ...(now
            ? [
                {
                  type: 'button' as const,
                  iconName: (clock.data!.frozen ? 'lock-private' : 'calendar') as 'calendar',
                  text: now + offset,
                  title: 'The clock of the service',
                  href: href(['clock']),
                  onFollow: (event: CustomEvent) => (event.preventDefault(), go(href(['clock']))),
                },
              ]
            : []),
          {
            type: 'button',
            text: session ? session.region : serverFacts().region,
            iconName: 'globe',
            title: 'Region and credentials',
            onClick: () => setSettings(true),
          },
          {
            type: 'button',
            iconName: 'contrast' as never,
            ariaLabel: dark ? 'Light mode' : 'Dark mode',
            title: dark ? 'Light mode' : 'Dark mode',
            text: dark ? 'Light' : 'Dark',
            onClick: () => {
              setDark(!dark);
              setDarkShown(!dark);
            },
          },
          ...(session && serverFacts().auth === 'strict'
            ? [
                {
                  type: 'button' as const,
                  text: 'Sign out',
                  onClick: () => {
                    setSession(null);
                    onSessionChange();
                  },
                },
              ]
            : []),
        ]}
      />
      {settings && (
        <SessionSettings
          onClose={() => setSettings(false)}
          onDone={() => {
            setSettings(false);
            onSessionChange();
          }}
        />
      )}
    </>
  );
}

function SessionSettings({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const session = currentSession();
  const [region, setRegion] = useState(session?.region ?? serverFacts().region);
  const [key, setKey] = useState(session?.credentials.accessKeyId ?? 'console');
  const isOpen = serverFacts().auth === 'open';
  return (
    <Modal
      visible
      header="Region and account"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button
              variant="primary"
              disabled={!region || !key}
              onClick={() => {
                setSession({
                  region,
                  credentials: { accessKeyId: key, secretAccessKey: session?.credentials.secretAccessKey ?? 'console' },
                });
                onDone();
              }}
            >
              Use these
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Region" description="Tables of different regions are apart. Any name will do.">
          <Input value={region} onChange={({ detail }) => setRegion(detail.value)} />
        </FormField>
        {isOpen && (
          <FormField
            label="Access key id"
            description="Signatures are not verified. Twelve digits are taken as the account whose tables are shown; anything else means the server's own."
          >
            <Input value={key} onChange={({ detail }) => setKey(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
