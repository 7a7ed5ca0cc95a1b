import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { href } from '../../app/router';
import { describeRecovery, dynamodb, hashKey, rangeKey, type TableDescription } from '../../client/dynamodb';
import { listDisk } from '../../client/tidemark';
import { Copied } from '../../parts/copied';
import { bytes, count, time } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { keyText } from './tables';

export function Overview({ table }: { table: TableDescription }) {
  const name = table.TableName;
  // While a table is being made there is nothing to ask about it.
  const isThere = table.TableStatus !== 'CREATING';
  const recovery = useLoad((signal) => (isThere ? describeRecovery(name, signal) : Promise.resolve(undefined)), [name, isThere]);
  const ttl = useLoad(
    async (signal) =>
      isThere
        ? (
            await dynamodb<{ TimeToLiveDescription: { TimeToLiveStatus: string; AttributeName?: string } }>(
              'DescribeTimeToLive',
              { TableName: name },
              { signal },
            )
          ).TimeToLiveDescription
        : undefined,
    [name, isThere],
  );
  const disk = useLoad(
    async (signal) => (await listDisk(undefined, signal)).tables.find((found) => table.TableArn.includes(`:${found.region}:${found.account_id}:`) && found.name === name),
    [name],
  );
  const pitr = recovery.data?.PointInTimeRecoveryDescription;
  const units = table.ProvisionedThroughput;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">General information</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Partition key', value: keyText(table, hashKey(table.KeySchema)) },
            { label: 'Sort key', value: keyText(table, rangeKey(table.KeySchema)) ?? '–' },
            {
              label: 'Capacity mode',
              value:
                table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST'
                  ? 'On-demand'
                  : `Provisioned: ${units?.ReadCapacityUnits ?? 0} read, ${units?.WriteCapacityUnits ?? 0} write`,
            },
            { label: 'Table status', value: <Status of={table.TableStatus} /> },
            { label: 'Items', value: <GoLink href={href(['tables', name, 'items'])}>{count(table.ItemCount)}</GoLink> },
            { label: 'Size', value: bytes(table.TableSizeBytes) },
            { label: 'On disk', value: disk.data ? bytes(disk.data.state_bytes) : '–' },
            { label: 'Its past, on disk', value: disk.data ? bytes(disk.data.history_bytes) : '–' },
            {
              label: 'Point-in-time recovery',
              value: (
                <GoLink href={href(['tables', name], { tab: 'backups' })}>
                  <Status of={pitr?.PointInTimeRecoveryStatus ?? 'OFF'} />
                </GoLink>
              ),
            },
            { label: 'Can be restored from', value: time(pitr?.EarliestRestorableDateTime) },
            {
              label: 'Time to live',
              value: (
                <SpaceBetween size="xxxs">
                  <Status of={ttl.data?.TimeToLiveStatus} />
                  {ttl.data?.AttributeName ? <span>by {ttl.data.AttributeName}</span> : null}
                </SpaceBetween>
              ),
            },
            { label: 'Stream', value: <Status of={table.StreamSpecification?.StreamEnabled ? 'ENABLED' : 'OFF'} /> },
            { label: 'Deletion protection', value: <Status of={table.DeletionProtectionEnabled ? 'ENABLED' : 'OFF'} /> },
            { label: 'Indexes', value: `${table.GlobalSecondaryIndexes?.length ?? 0} global, ${table.LocalSecondaryIndexes?.length ?? 0} local` },
            { label: 'Created', value: time(table.CreationDateTime) },
            { label: 'Table class', value: table.TableClassSummary?.TableClass ?? 'STANDARD' },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">Names for programs</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Amazon Resource Name (ARN)', value: <Copied text={table.TableArn} /> },
            {
              label: 'With the AWS CLI',
              value: <Copied text={`aws dynamodb scan --table-name '${name}' --endpoint-url ${location.origin}`} />,
            },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}
