// The exports that there are, as lists and forms look at them.
import { dynamodb, type ExportDescription, type ExportSummary } from '../../client/dynamodb';

// All exports, of one table if it is named, by pages: whoever has seen enough goes no further.
export async function* exportPages(arn: string | undefined, signal?: AbortSignal): AsyncGenerator<ExportSummary[]> {
  let token: string | undefined;
  do {
    const page: { ExportSummaries: ExportSummary[]; NextToken?: string } = await dynamodb(
      'ListExports',
      { TableArn: arn, MaxResults: 25, NextToken: token },
      { signal },
    );
    yield page.ExportSummaries;
    token = page.NextToken;
  } while (token);
}

export async function describeExport(arn: string, signal?: AbortSignal): Promise<ExportDescription> {
  return (await dynamodb<{ ExportDescription: ExportDescription }>('DescribeExport', { ExportArn: arn }, { signal })).ExportDescription;
}
