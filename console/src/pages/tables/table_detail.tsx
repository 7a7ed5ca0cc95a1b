import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { follow, go, href, setQuery } from '../../app/router';
import { describeTable } from '../../client/dynamodb';
import { TableFailure } from '../../parts/table_failure';
import { GoButton } from '../../parts/go_link';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { BackupsTab } from './backups_tab';
import { DeleteTable } from './delete_table';
import { IndexesTab } from './indexes_tab';
import { Overview } from './overview';
import { ReplicasTab } from './replicas_tab';
import { SettingsTab } from './settings_tab';
import { StreamsTab } from './streams_tab';
import { TransfersTab } from './transfers_tab';

export function TableDetail({ name, tab }: { name: string; tab: string | undefined }) {
  const loaded = useLoad((signal) => describeTable(name, signal), [name], (table) =>
    table && (table.TableStatus !== 'ACTIVE' || table.GlobalSecondaryIndexes?.some((index) => index.IndexStatus !== 'ACTIVE') || table.Replicas?.some((one) => one.ReplicaStatus !== 'ACTIVE'))
      ? 1000
      : undefined,
  );
  const [deleting, setDeleting] = useState(false);
  const table = loaded.data;
  return (
    <Page
      title={name}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ButtonDropdown
            onItemFollow={follow}
            onItemClick={({ detail }) => detail.id === 'delete' && setDeleting(true)}
            items={[
              { id: 'create', text: 'Create item', href: href(['tables', name, 'item']) },
              { id: 'export', text: 'Export to S3', href: href(['exports', 'new'], { table: name }) },
              { id: 'restore', text: 'Restore to a point in time', href: href(['restore'], { table: name }) },
              { id: 'delete', text: 'Delete table' },
            ]}
          >
            Actions
          </ButtonDropdown>
          <GoButton href={href(['tables', name, 'timeline'])}>Timeline</GoButton>
          <GoButton variant="primary" href={href(['tables', name, 'items'])}>
            Explore table items
          </GoButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <TableFailure error={loaded.error} table={name} retry={loaded.reload} />
        {!table && loaded.loading && <Spinner size="large" />}
        {table && (
          <Tabs
            ariaLabel="About this table"
            activeTabId={tab ?? 'overview'}
            onChange={({ detail }) => setQuery({ tab: detail.activeTabId === 'overview' ? undefined : detail.activeTabId })}
            tabs={[
              { id: 'overview', label: 'Overview', content: <Overview table={table} /> },
              { id: 'indexes', label: 'Indexes', content: <IndexesTab table={table} reload={loaded.reload} /> },
              { id: 'backups', label: 'Backups', content: <BackupsTab table={table} /> },
              { id: 'transfers', label: 'Exports and imports', content: <TransfersTab table={table} /> },
              { id: 'streams', label: 'Stream', content: <StreamsTab table={table} reload={loaded.reload} /> },
              { id: 'replicas', label: 'Global tables', content: <ReplicasTab table={table} reload={loaded.reload} /> },
              { id: 'settings', label: 'Settings', content: <SettingsTab table={table} reload={loaded.reload} /> },
            ]}
          />
        )}
      </SpaceBetween>
      {deleting && table && <DeleteTable table={table} onClose={() => setDeleting(false)} onDone={() => go(href(['tables']))} />}
    </Page>
  );
}
