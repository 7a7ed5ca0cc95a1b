import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { words } from './format';

const types: Record<string, StatusIndicatorProps.Type> = {
  ACTIVE: 'success',
  AVAILABLE: 'success',
  COMPLETED: 'success',
  ENABLED: 'success',
  CREATING: 'in-progress',
  UPDATING: 'in-progress',
  DELETING: 'in-progress',
  IN_PROGRESS: 'in-progress',
  ENABLING: 'in-progress',
  DISABLING: 'in-progress',
  RUNNING: 'in-progress',
  WAITING: 'pending',
  PENDING: 'pending',
  CANCELLING: 'pending',
  CANCELLED: 'stopped',
  STOPPED: 'stopped',
  SKIPPED: 'stopped',
  DONE: 'success',
  DISABLED: 'stopped',
  OFF: 'stopped',
  FAILED: 'error',
};

// What is switched is on or off, whatever the service calls it.
const switched: Record<string, string> = { ENABLED: 'On', DISABLED: 'Off', OFF: 'Off', ENABLING: 'Turning on', DISABLING: 'Turning off' };

// The state of a table, an index, a backup or a job.
export function Status({ of }: { of: string | undefined }) {
  if (!of) return <>–</>;
  return <StatusIndicator type={types[of] ?? 'info'}>{switched[of] ?? words(of)}</StatusIndicator>;
}
