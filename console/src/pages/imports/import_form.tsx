import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import { tell } from '../../app/notices';
import { go, href } from '../../app/router';
import { dynamodb, newToken, type ImportDescription } from '../../client/dynamodb';
import { BucketField } from '../../parts/bucket_field';
import { Page } from '../../parts/page';
import { definitions, IndexFields, indexInput, KeyFields, keySchema, newIndex, type IndexDraft, type KeyDraft } from '../tables/index_fields';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { PageForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

const formats: SelectProps.Option[] = [
  { value: 'DYNAMODB_JSON', label: 'DynamoDB JSON', description: 'A line an item: {"Item": {…}}, as exports write it' },
  { value: 'ION', label: 'Amazon Ion text' },
  { value: 'CSV', label: 'CSV', description: 'A line an item; all values but the keys are strings' },
];
const compressions: SelectProps.Option[] = [
  { value: 'NONE', label: 'No compression' },
  { value: 'GZIP', label: 'GZIP' },
  { value: 'ZSTD', label: 'ZSTD' },
];
const delimiters: SelectProps.Option[] = [
  { value: ',', label: 'Comma (,)' },
  { value: ';', label: 'Semicolon (;)' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe (|)' },
  { value: ':', label: 'Colon (:)' },
  { value: ' ', label: 'Space' },
];

export function ImportForm({ bucket, prefix }: { bucket?: string; prefix?: string }) {
  const [place, setPlace] = useState({ bucket: bucket ?? '', prefix: prefix ?? '' });
  const [format, setFormat] = useState(formats[0]);
  const [compression, setCompression] = useState(prefix?.endsWith('/data/') ? compressions[1] : compressions[0]);
  const [delimiter, setDelimiter] = useState(delimiters[0]);
  const [header, setHeader] = useState('');
  const [name, setName] = useState('');
  const [hash, setHash] = useState<KeyDraft>({ name: '', type: 'S' });
  const [range, setRange] = useState<KeyDraft>({ name: '', type: 'S' });
  const [indexes, setIndexes] = useState<IndexDraft[]>([]);

  const submit = useSubmit(async () => {
    const names = header
      .split(delimiter.value!)
      .map((column) => column.trim())
      .filter(Boolean);
    const answer = await dynamodb<{ ImportTableDescription: ImportDescription }>('ImportTable', {
      ClientToken: newToken(),
      S3BucketSource: { S3Bucket: place.bucket, S3KeyPrefix: place.prefix || undefined },
      InputFormat: format.value,
      InputCompressionType: compression.value,
      InputFormatOptions:
        format.value === 'CSV' ? { Csv: { Delimiter: delimiter.value, HeaderList: names.length ? names : undefined } } : undefined,
      TableCreationParameters: {
        TableName: name,
        KeySchema: keySchema(hash.name, range),
        AttributeDefinitions: definitions([hash, range, ...indexes.flatMap((index) => [index.hash, index.range])]),
        BillingMode: 'PAY_PER_REQUEST',
        GlobalSecondaryIndexes: indexes.length ? indexes.map((index) => indexInput(index, hash.name)) : undefined,
      },
    });
    tell('success', `The import into ${name} has begun.`);
    go(href(['imports'], { arn: answer.ImportTableDescription.ImportArn }));
  });

  return (
    <Page title="Import from S3" description="A new table, of files in a bucket.">
      <PageForm
        submit={submit}
        action="Import"
        cancelTo={href(['imports'])}
        disabled={!place.bucket || !name || !hash.name}
      >
        <Container header={<Header variant="h2">Source</Header>}>
          <SpaceBetween size="m">
            <BucketField
              value={place}
              onChange={setPlace}
              bucketLabel="Source bucket"
              prefixLabel="Prefix – optional"
              prefixDescription="Every object whose name begins so is read. Of an export, that is its folder data/."
            />
            <ColumnLayout columns={2}>
              <FormField label="Format">
                <Select selectedOption={format} options={formats} ariaLabel="Format" onChange={({ detail }) => setFormat(detail.selectedOption)} />
              </FormField>
              <FormField label="Compression">
                <Select
                  selectedOption={compression}
                  options={compressions}
                  ariaLabel="Compression"
                  onChange={({ detail }) => setCompression(detail.selectedOption)}
                />
              </FormField>
            </ColumnLayout>
            {format.value === 'CSV' && (
              <ColumnLayout columns={2}>
                <FormField label="Delimiter">
                  <Select
                    selectedOption={delimiter}
                    options={delimiters}
                    ariaLabel="Delimiter"
                    onChange={({ detail }) => setDelimiter(detail.selectedOption)}
                  />
                </FormField>
                <FormField label="Header – optional" description="Without it the first line of each file names the columns">
                  <Input
                    value={header}
                    placeholder={`id${delimiter.value}name${delimiter.value}price`}
                    onChange={({ detail }) => setHeader(detail.value)}
                  />
                </FormField>
              </ColumnLayout>
            )}
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">New table</Header>}>
          <SpaceBetween size="m">
            <FormField label="Table name">
              <Input value={name} placeholder="Orders" onChange={({ detail }) => setName(detail.value)} />
            </FormField>
            <KeyFields label="Partition key" placeholder="customer" value={hash} onChange={setHash} />
            <KeyFields label="Sort key – optional" placeholder="date" value={range} onChange={setRange} />
          </SpaceBetween>
        </Container>
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <Button
                  formAction="none"
                  onClick={() => setIndexes([...indexes, newIndex(Math.max(0, ...indexes.map((index) => index.id)) + 1, false)])}
                >
                  Add global index
                </Button>
              }
            >
              Secondary indexes
            </Header>
          }
        >
          {indexes.length === 0 ? (
            <Box color="text-body-secondary">No indexes. The import fills those that you add here.</Box>
          ) : (
            <SpaceBetween size="l">
              {indexes.map((index) => (
                <ExpandableSection
                  key={index.id}
                  defaultExpanded
                  variant="container"
                  headerText={`Global index ${index.name}`}
                  headerActions={
                    <Button formAction="none" onClick={() => setIndexes(indexes.filter((other) => other.id !== index.id))}>
                      Remove
                    </Button>
                  }
                >
                  <SpaceBetween size="m">
                    <IndexFields
                      value={index}
                      onChange={(next) => setIndexes(indexes.map((other) => (other.id === next.id ? next : other)))}
                    />
                  </SpaceBetween>
                </ExpandableSection>
              ))}
            </SpaceBetween>
          )}
        </Container>
      </PageForm>
    </Page>
  );
}
