import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { dynamodb } from '../client/dynamodb';
import { serverFacts, setSession } from '../client/session';
import { Failure } from '../parts/failure';

// For a server that verifies signatures. The secret signs requests in this browser and is never sent.
export function SignIn({ onDone }: { onDone: () => void }) {
  const [accessKeyId, setKey] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [region, setRegion] = useState(serverFacts().region);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    setSession({ region, credentials: { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() } });
    try {
      await dynamodb('ListTables', { Limit: 1 });
      onDone();
    } catch (found) {
      setSession(null);
      setError(found);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void signIn();
      }}
    >
      <Form
        header={<Header variant="h1">Sign in</Header>}
        actions={
          <Button variant="primary" loading={busy} disabled={!accessKeyId || !secretAccessKey || !region}>
            Sign in
          </Button>
        }
      >
        <SpaceBetween size="l">
          <Failure error={error} />
          <Container
            header={
              <Header description="This server verifies signatures (--auth strict). The secret key signs requests in this browser; it is kept until the tab is closed and is never sent.">
                Access key
              </Header>
            }
          >
            <SpaceBetween size="m">
              <FormField label="Access key id">
                <Input value={accessKeyId} autoFocus autoComplete={false} onChange={({ detail }) => setKey(detail.value)} />
              </FormField>
              <FormField label="Secret access key">
                <Input
                  type="password"
                  value={secretAccessKey}
                  autoComplete={false}
                  onChange={({ detail }) => setSecret(detail.value)}
                />
              </FormField>
              <FormField label="Region">
                <Input value={region} onChange={({ detail }) => setRegion(detail.value)} />
              </FormField>
            </SpaceBetween>
          </Container>
        </SpaceBetween>
      </Form>
    </form>
  );
}
