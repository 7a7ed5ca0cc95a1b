// The same request, as somebody would make it with the AWS CLI or an SDK.
import type { RequestRecord } from '../../client/tidemark';

const words = (operation: string): string =>
  operation
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

const streamOperations = new Set(['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams']);

function bucketAndKey(target: string): { bucket: string; key: string } {
  const path = target.split('?')[0];
  const [, bucket = '', ...rest] = path.split('/');
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return { bucket: decode(bucket), key: decode(rest.join('/')) };
}

export function cliCall(record: RequestRecord): string {
  const endpoint = `--endpoint-url ${location.origin}`;
  if (record.service === 's3') {
    const { bucket, key } = bucketAndKey(record.target);
    const parts = ['aws s3api', words(record.operation || 'list-buckets')];
    if (bucket) parts.push('--bucket', quoted(bucket));
    if (key) parts.push('--key', quoted(key));
    if (record.operation === 'GetObject') parts.push('/dev/stdout');
    return [...parts, endpoint].join(' ');
  }
  if (!record.operation) return '(no operation is known)';
  const service = record.service === 'logs' ? 'logs' : streamOperations.has(record.operation) ? 'dynamodbstreams' : 'dynamodb';
  return `aws ${service} ${words(record.operation)} --cli-input-json ${quoted(record.request || '{}')} ${endpoint}`;
}

export function sdkCall(record: RequestRecord): string {
  const { operation } = record;
  if (!operation) return '(no operation is known)';
  const client = record.service === 's3' ? 'S3' : record.service === 'logs' ? 'CloudWatchLogs' : streamOperations.has(operation) ? 'DynamoDBStreams' : 'DynamoDB';
  const module = { S3: 'client-s3', CloudWatchLogs: 'client-cloudwatch-logs', DynamoDBStreams: 'client-dynamodb-streams', DynamoDB: 'client-dynamodb' }[client];
  let input = record.request || '{}';
  if (record.service === 's3') {
    const { bucket, key } = bucketAndKey(record.target);
    input = JSON.stringify({ Bucket: bucket || undefined, Key: key || undefined }, null, 2);
  } else {
    try {
      input = JSON.stringify(JSON.parse(input), null, 2);
    } catch {
      // Cut: shown as far as it is known.
    }
  }
  return `import { ${client}Client, ${operation}Command } from '@aws-sdk/${module}';

const client = new ${client}Client({ endpoint: '${location.origin}'${record.service === 's3' ? ', forcePathStyle: true' : ''} });
const answer = await client.send(new ${operation}Command(${input}));`;
}
