#!/usr/bin/env node
// Starts an incremental export and prints its ARN: node increment.mjs TABLE_ARN BUCKET PREFIX FROM TO, times in seconds since 1970.
// Debian 12's AWS CLI and boto3 are older than incremental exports.
import { DynamoDBClient, ExportTableToPointInTimeCommand } from '@aws-sdk/client-dynamodb';

const [TableArn, S3Bucket, S3Prefix, from, to] = process.argv.slice(2);
const dynamodb = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION });
const { ExportDescription } = await dynamodb.send(new ExportTableToPointInTimeCommand({
  TableArn, S3Bucket, S3Prefix, ExportType: 'INCREMENTAL_EXPORT',
  IncrementalExportSpecification: {
    ExportFromTime: new Date(from * 1000), ExportToTime: new Date(to * 1000), ExportViewType: 'NEW_IMAGE',
  },
}));
console.log(ExportDescription.ExportArn);
