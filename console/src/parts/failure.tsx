import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { describeError } from '../client/service_error';

// An error in the words of the service.
export function Failure({ error, retry, what }: { error: unknown; retry?: () => void; what?: string }) {
  if (!error) return null;
  const { code, message } = describeError(error);
  return (
    <Alert type="error" header={what ?? code} action={retry && <Button onClick={retry}>Try again</Button>}>
      {what ? `${code}: ${message}` : message}
    </Alert>
  );
}
