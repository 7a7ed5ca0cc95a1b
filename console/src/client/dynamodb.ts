// DynamoDB, as far as the console needs it. Items are DynamoDB JSON throughout: numbers stay text, so no digit is lost.
import { callJson, type CallOptions } from './json_api';

export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: boolean }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: Record<string, AttributeValue> };
export type Item = Record<string, AttributeValue>;
export type AttributeKind = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

export interface KeyElement {
  AttributeName: string;
  KeyType: 'HASH' | 'RANGE';
}
export interface AttributeDefinition {
  AttributeName: string;
  AttributeType: 'S' | 'N' | 'B';
}
export interface Projection {
  ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  NonKeyAttributes?: string[];
}
export interface Throughput {
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
}
export interface IndexDescription {
  IndexName: string;
  KeySchema: KeyElement[];
  Projection: Projection;
  IndexStatus?: string;
  Backfilling?: boolean;
  ItemCount?: number;
  IndexSizeBytes?: number;
  IndexArn?: string;
  ProvisionedThroughput?: Throughput;
}
export interface TableDescription {
  TableName: string;
  TableArn: string;
  TableId?: string;
  TableStatus: string;
  KeySchema: KeyElement[];
  AttributeDefinitions: AttributeDefinition[];
  CreationDateTime: number;
  ItemCount?: number;
  TableSizeBytes?: number;
  BillingModeSummary?: { BillingMode: string };
  ProvisionedThroughput?: Throughput;
  GlobalSecondaryIndexes?: IndexDescription[];
  LocalSecondaryIndexes?: IndexDescription[];
  StreamSpecification?: { StreamEnabled: boolean; StreamViewType?: string };
  LatestStreamArn?: string;
  LatestStreamLabel?: string;
  DeletionProtectionEnabled?: boolean;
  Replicas?: ReplicaDescription[];
  TableClassSummary?: { TableClass: string };
  SSEDescription?: { Status: string; SSEType?: string };
  RestoreSummary?: { SourceTableArn?: string; SourceBackupArn?: string; RestoreDateTime: number; RestoreInProgress: boolean };
}
export interface ContinuousBackups {
  ContinuousBackupsStatus: string;
  PointInTimeRecoveryDescription?: {
    PointInTimeRecoveryStatus: 'ENABLED' | 'DISABLED';
    RecoveryPeriodInDays?: number;
    EarliestRestorableDateTime?: number;
    LatestRestorableDateTime?: number;
  };
}
export interface Tag {
  Key: string;
  Value: string;
}
export interface BackupSummary {
  TableName: string;
  TableArn: string;
  BackupArn: string;
  BackupName: string;
  BackupCreationDateTime: number;
  BackupExpiryDateTime?: number;
  BackupStatus: string;
  BackupType: string;
  BackupSizeBytes?: number;
}
export interface ExportSummary {
  ExportArn: string;
  ExportStatus: string;
  ExportType?: string;
}
export interface ExportDescription extends ExportSummary {
  StartTime?: number;
  EndTime?: number;
  ExportManifest?: string;
  TableArn: string;
  TableId?: string;
  ExportTime?: number;
  ClientToken?: string;
  S3Bucket: string;
  S3Prefix?: string;
  S3BucketOwner?: string;
  S3SseAlgorithm?: string;
  FailureCode?: string;
  FailureMessage?: string;
  ExportFormat?: string;
  BilledSizeBytes?: number;
  ItemCount?: number;
  IncrementalExportSpecification?: { ExportFromTime?: number; ExportToTime?: number; ExportViewType?: string };
}
export interface ImportSummary {
  ImportArn: string;
  ImportStatus: string;
  TableArn?: string;
  S3BucketSource?: { S3Bucket: string; S3KeyPrefix?: string };
  CloudWatchLogGroupArn?: string;
  InputFormat?: string;
  StartTime?: number;
  EndTime?: number;
}
export interface ImportDescription extends ImportSummary {
  TableId?: string;
  ErrorCount?: number;
  ProcessedSizeBytes?: number;
  ProcessedItemCount?: number;
  ImportedItemCount?: number;
  InputCompressionType?: string;
  InputFormatOptions?: { Csv?: { Delimiter?: string; HeaderList?: string[] } };
  TableCreationParameters?: { TableName: string };
  FailureCode?: string;
  FailureMessage?: string;
}
export interface ReadAnswer {
  Items: Item[];
  Count: number;
  ScannedCount: number;
  LastEvaluatedKey?: Item;
  ConsumedCapacity?: { CapacityUnits: number };
}

export function dynamodb<T>(operation: string, input: object, options?: CallOptions): Promise<T> {
  return callJson<T>('dynamodb', `DynamoDB_20120810.${operation}`, 'application/x-amz-json-1.0', input, options);
}

export function streams<T>(operation: string, input: object, options?: CallOptions): Promise<T> {
  return callJson<T>('dynamodb', `DynamoDBStreams_20120810.${operation}`, 'application/x-amz-json-1.0', input, options);
}

export function logs<T>(operation: string, input: object, options?: CallOptions): Promise<T> {
  return callJson<T>('logs', `Logs_20140328.${operation}`, 'application/x-amz-json-1.1', input, options);
}

// For one press of a button: a second request with the same token is the same job. Not randomUUID(), which browsers offer
// only to https and to localhost.
export function newToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface ReplicaDescription {
  RegionName: string;
  ReplicaStatus?: string;
  ReplicaStatusDescription?: string;
}

export async function describeTable(name: string, signal?: AbortSignal): Promise<TableDescription> {
  return (await dynamodb<{ Table: TableDescription }>('DescribeTable', { TableName: name }, { signal })).Table;
}

export async function describeRecovery(name: string, signal?: AbortSignal): Promise<ContinuousBackups> {
  const answer = await dynamodb<{ ContinuousBackupsDescription: ContinuousBackups }>(
    'DescribeContinuousBackups',
    { TableName: name },
    { signal },
  );
  return answer.ContinuousBackupsDescription;
}

export async function listTables(signal?: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  let start: string | undefined;
  do {
    const page = await dynamodb<{ TableNames: string[]; LastEvaluatedTableName?: string }>(
      'ListTables',
      { ExclusiveStartTableName: start },
      { signal },
    );
    names.push(...page.TableNames);
    start = page.LastEvaluatedTableName;
  } while (start && names.length < 10_000);
  return names;
}

export const hashKey = (schema: KeyElement[]): string => schema.find((k) => k.KeyType === 'HASH')?.AttributeName ?? '';
export const rangeKey = (schema: KeyElement[]): string | undefined =>
  schema.find((k) => k.KeyType === 'RANGE')?.AttributeName;

export function keyOf(item: Item, schema: KeyElement[]): Item {
  return Object.fromEntries(schema.map((k) => [k.AttributeName, item[k.AttributeName]]));
}

export const tableNameOfArn = (arn: string | undefined): string => arn?.match(/:table\/([^/]+)/)?.[1] ?? '';
export const lastOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

export function kindOf(value: AttributeValue): AttributeKind {
  return Object.keys(value)[0] as AttributeKind;
}

// What a cell of a table shows of a value.
export function shownValue(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  if ('S' in value) return value.S;
  if ('N' in value) return value.N;
  if ('B' in value) return value.B;
  if ('BOOL' in value) return String(value.BOOL);
  if ('NULL' in value) return 'null';
  return JSON.stringify(plainValue(value));
}

// As ordinary JSON; what JSON has no form for becomes text.
export function plainValue(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number.isSafeInteger(Number(value.N)) || /\./.test(value.N) ? Number(value.N) : value.N;
  if ('B' in value) return value.B;
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS.map(Number);
  if ('BS' in value) return value.BS;
  if ('L' in value) return value.L.map(plainValue);
  return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plainValue(inner)]));
}
