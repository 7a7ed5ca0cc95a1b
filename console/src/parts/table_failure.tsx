// Why a view of a table shows nothing. Of a table that is not there: which one, and where to look for it.
import Alert from '@cloudscape-design/components/alert';
import { href } from '../app/router';
import { requireSession } from '../client/session';
import { ServiceError } from '../client/service_error';
import { listDisk } from '../client/tidemark';
import { Failure } from './failure';
import { GoLink } from './go_link';
import { useLoad } from './use_load';

const isAbsence = (error: unknown): boolean => error instanceof ServiceError && (error.code === 'ResourceNotFoundException' || error.code === 'HTTP 404');

export function TableFailure({ error, table, retry }: { error: unknown; table: string; retry?: () => void }) {
  return isAbsence(error) ? <NoTable table={table} /> : <Failure error={error} retry={retry} />;
}

function NoTable({ table }: { table: string }) {
  const { region } = requireSession();
  const elsewhere = useLoad(async (signal) => (await listDisk(undefined, signal)).tables.filter((one) => one.name === table), [table]);
  const places = (elsewhere.data ?? []).map((one) => `${one.region} of account ${one.account_id}`);
  return (
    <Alert type="error" header={`There is no table ${table} in ${region}`} action={<GoLink href={href(['tables'])}>Tables in {region}</GoLink>}>
      {places.length > 0
        ? `There is one of that name in ${places.join(', ')}. The region and the account are chosen at the top of the page.`
        : 'It has been deleted, or never was. Backups of deleted tables are under Backups.'}
    </Alert>
  );
}
