import Button from '@cloudscape-design/components/button';
import { follow, href } from '../../app/router';
import { dynamodb, lastOfArn, tableNameOfArn, type ImportSummary, type TableDescription } from '../../client/dynamodb';
import { elapsed, time, words } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';

async function loadImports(arn: string | undefined, signal: AbortSignal): Promise<ImportSummary[]> {
  const found: ImportSummary[] = [];
  let token: string | undefined;
  do {
    const page: { ImportSummaryList: ImportSummary[]; NextToken?: string } = await dynamodb(
      'ListImports',
      { TableArn: arn, PageSize: 25, NextToken: token },
      { signal },
    );
    found.push(...page.ImportSummaryList);
    token = page.NextToken;
  } while (token && found.length < 1000);
  return found.sort((a, b) => (lastOfArn(a.ImportArn) < lastOfArn(b.ImportArn) ? 1 : -1));
}

export function ImportList({ table }: { table?: TableDescription }) {
  const loaded = useLoad(
    (signal) => loadImports(table?.TableArn, signal),
    [table?.TableArn],
    (found) => (found?.some((one) => one.ImportStatus === 'IN_PROGRESS') ? 700 : undefined),
  );
  const action = (variant: 'primary' | 'normal') => (
    <Button variant={variant} href={href(['imports', 'new'])} onFollow={follow}>
      Import from S3
    </Button>
  );
  return (
    <Listing<ImportSummary>
      title="Imports from S3"
      loaded={loaded}
      idOf={(found) => found.ImportArn}
      empty={{
        title: 'No imports yet',
        text: table
          ? 'This table was not made by an import.'
          : 'An import makes a new table of files in a bucket: DynamoDB JSON, Ion or CSV, also compressed.',
        action: table ? undefined : action('normal'),
      }}
      actions={table ? undefined : action('primary')}
      columns={[
        {
          id: 'id',
          header: 'Import',
          isRowHeader: true,
          cell: (found) => <GoLink href={href(['imports'], { arn: found.ImportArn })}>{lastOfArn(found.ImportArn)}</GoLink>,
        },
        {
          id: 'table',
          header: 'Table',
          cell: (found) => {
            const name = tableNameOfArn(found.TableArn ?? found.ImportArn);
            return <GoLink href={href(['tables', name])}>{name}</GoLink>;
          },
        },
        { id: 'status', header: 'Status', cell: (found) => <Status of={found.ImportStatus} /> },
        {
          id: 'source',
          header: 'Source',
          cell: (found) =>
            found.S3BucketSource && (
              <GoLink href={href(['s3', found.S3BucketSource.S3Bucket], { prefix: found.S3BucketSource.S3KeyPrefix })}>
                {`${found.S3BucketSource.S3Bucket}/${found.S3BucketSource.S3KeyPrefix ?? ''}`}
              </GoLink>
            ),
        },
        { id: 'format', header: 'Format', cell: (found) => words(found.InputFormat) },
        { id: 'started', header: 'Started', cell: (found) => time(found.StartTime) },
        { id: 'took', header: 'Took', cell: (found) => elapsed(found.StartTime, found.EndTime) },
      ]}
    />
  );
}
