import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Box from '@cloudscape-design/components/box';
import Select from '@cloudscape-design/components/select';
import Tiles from '@cloudscape-design/components/tiles';
import { useState } from 'react';
import { tell } from '../../app/notices';
import { go, href } from '../../app/router';
import { dynamodb } from '../../client/dynamodb';
import { Page } from '../../parts/page';
import { definitions, IndexFields, indexInput, KeyFields, keySchema, newIndex, type IndexDraft } from './index_fields';
import { CapacityFields } from './capacity_fields';
import { TagFields, tagsOf, type TagDraft } from './tag_fields';
import { PageForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

const views = [
  { value: 'NEW_AND_OLD_IMAGES', label: 'New and old images' },
  { value: 'NEW_IMAGE', label: 'New image' },
  { value: 'OLD_IMAGE', label: 'Old image' },
  { value: 'KEYS_ONLY', label: 'Key attributes only' },
];

export function CreateTable() {
  const [name, setName] = useState('');
  const [hash, setHash] = useState({ name: '', type: 'S' as 'S' | 'N' | 'B' });
  const [range, setRange] = useState({ name: '', type: 'S' as 'S' | 'N' | 'B' });
  const [billing, setBilling] = useState('PAY_PER_REQUEST');
  const [reads, setReads] = useState('5');
  const [writes, setWrites] = useState('5');
  const [indexes, setIndexes] = useState<IndexDraft[]>([]);
  const [recovery, setRecovery] = useState(true);
  const [protection, setProtection] = useState(false);
  const [stream, setStream] = useState(false);
  const [view, setView] = useState(views[0]);
  const [tags, setTags] = useState<TagDraft[]>([]);

  const throughput =
    billing === 'PROVISIONED' ? { ReadCapacityUnits: Number(reads), WriteCapacityUnits: Number(writes) } : undefined;

  const submit = useSubmit(async () => {
    const global = indexes.filter((index) => !index.isLocal);
    const local = indexes.filter((index) => index.isLocal);
    await dynamodb('CreateTable', {
      TableName: name,
      KeySchema: keySchema(hash.name, range),
      AttributeDefinitions: definitions([hash, range, ...indexes.flatMap((i) => (i.isLocal ? [i.range] : [i.hash, i.range]))]),
      BillingMode: billing,
      ProvisionedThroughput: throughput,
      GlobalSecondaryIndexes: global.length
        ? global.map((index) => ({ ...indexInput(index, hash.name), ProvisionedThroughput: throughput }))
        : undefined,
      LocalSecondaryIndexes: local.length ? local.map((index) => indexInput(index, hash.name)) : undefined,
      StreamSpecification: stream ? { StreamEnabled: true, StreamViewType: view.value } : undefined,
      DeletionProtectionEnabled: protection || undefined,
      Tags: tags.length ? tagsOf(tags) : undefined,
    });
    if (recovery) await turnOnRecovery(name);
    tell('success', `The table ${name} has been created.`);
    go(href(['tables', name]));
  });

  const change = (next: IndexDraft): void => setIndexes(indexes.map((index) => (index.id === next.id ? next : index)));
  const add = (isLocal: boolean): void =>
    setIndexes([...indexes, newIndex(Math.max(0, ...indexes.map((index) => index.id)) + 1, isLocal)]);

  return (
    <Page title="Create table">
      <PageForm
        submit={submit}
        action="Create table"
        cancelTo={href(['tables'])}
        disabled={!name || !hash.name}
      >
        <Container
          header={
            <Header
              variant="h2"
              description="The partition key decides where an item is kept; with a sort key, the items of one partition key are in its order."
            >
              Table details
            </Header>
          }
        >
          <SpaceBetween size="l">
            <FormField label="Table name" constraintText="3 to 255 letters, digits, underscores, hyphens and dots">
              <Input value={name} autoFocus placeholder="Orders" onChange={({ detail }) => setName(detail.value)} />
            </FormField>
            <KeyFields
              label="Partition key"
              placeholder="customer"
              description="One half of the primary key, or all of it."
              value={hash}
              onChange={setHash}
            />
            <KeyFields
              label="Sort key – optional"
              placeholder="date"
              description="The other half: items are sorted by it."
              value={range}
              onChange={setRange}
            />
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">Capacity</Header>}>
          <SpaceBetween size="m">
            <Tiles
              value={billing}
              ariaLabel="Capacity mode"
              onChange={({ detail }) => setBilling(detail.value)}
              items={[
                { value: 'PAY_PER_REQUEST', label: 'On-demand', description: 'Paid for by the request, on AWS.' },
                { value: 'PROVISIONED', label: 'Provisioned', description: 'So many units a second, set here.' },
              ]}
            />
            {billing === 'PROVISIONED' && <CapacityFields reads={reads} writes={writes} onReads={setReads} onWrites={setWrites} />}
          </SpaceBetween>
        </Container>
        <Container
          header={
            <Header
              variant="h2"
              description="An index is a copy of the items under other keys, so that they can be queried by those."
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button formAction="none" disabled={!range.name} onClick={() => add(true)}>
                    Add local index
                  </Button>
                  <Button formAction="none" onClick={() => add(false)}>
                    Add global index
                  </Button>
                </SpaceBetween>
              }
            >
              Secondary indexes
            </Header>
          }
        >
          {indexes.length === 0 ? (
            <Box color="text-body-secondary">
              No indexes. Global ones can be added later, local ones, which need a sort key, only now.
            </Box>
          ) : (
            <SpaceBetween size="l">
              {indexes.map((index) => (
                <ExpandableSection
                  key={index.id}
                  defaultExpanded
                  headerText={`${index.isLocal ? 'Local' : 'Global'} index ${index.name}`}
                  headerActions={
                    <Button
                      formAction="none"
                      ariaLabel={`Remove index ${index.name}`}
                      onClick={() => setIndexes(indexes.filter((other) => other.id !== index.id))}
                    >
                      Remove
                    </Button>
                  }
                  variant="container"
                >
                  <SpaceBetween size="m">
                    <IndexFields value={index} onChange={change} />
                  </SpaceBetween>
                </ExpandableSection>
              ))}
            </SpaceBetween>
          )}
        </Container>
        <Container header={<Header variant="h2">Settings</Header>}>
          <SpaceBetween size="m">
            <Checkbox
              checked={recovery}
              description="Every change is kept: the table can be looked at, exported and restored as it was at any second of the last 35 days."
              onChange={({ detail }) => setRecovery(detail.checked)}
            >
              Point-in-time recovery
            </Checkbox>
            <Checkbox
              checked={protection}
              description="The table cannot be deleted until this is turned off."
              onChange={({ detail }) => setProtection(detail.checked)}
            >
              Deletion protection
            </Checkbox>
            <Checkbox
              checked={stream}
              description="What happens to items, for 24 hours, in order, for other programs to read."
              onChange={({ detail }) => setStream(detail.checked)}
            >
              Stream
            </Checkbox>
            {stream && (
              <FormField label="View type">
                <Select
                  selectedOption={view}
                  options={views}
                  ariaLabel="View type"
                  onChange={({ detail }) => setView(detail.selectedOption as (typeof views)[0])}
                />
              </FormField>
            )}
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">Tags</Header>}>
          <TagFields value={tags} onChange={setTags} />
        </Container>
      </PageForm>
    </Page>
  );
}

// As soon as the table is ready, which may take a while.
async function turnOnRecovery(name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await dynamodb('UpdateContinuousBackups', {
        TableName: name,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      return;
    } catch (error) {
      if (attempt === 40) {
        tell('warning', `Point-in-time recovery could not be turned on: ${error instanceof Error ? error.message : ''}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
