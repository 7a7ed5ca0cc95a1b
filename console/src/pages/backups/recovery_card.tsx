import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { tell } from '../../app/notices';
import { href } from '../../app/router';
import { describeRecovery, dynamodb } from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { counted, time } from '../../parts/format';
import { GoButton } from '../../parts/go_link';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { DialogForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

// Point-in-time recovery of a table: whether it is on, how far it reaches, and turning it on and off.
export function RecoveryCard({ name }: { name: string }) {
  const loaded = useLoad((signal) => describeRecovery(name, signal), [name]);
  const [editing, setEditing] = useState(false);
  const pitr = loaded.data?.PointInTimeRecoveryDescription;
  const isOn = pitr?.PointInTimeRecoveryStatus === 'ENABLED';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="While it is on, every change is kept: the table can be looked at, exported and restored as it was at any second."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => setEditing(true)} disabled={!loaded.data}>
                Edit
              </Button>
              <GoButton href={href(['restore'], { table: name })} disabled={!isOn}>
                Restore
              </GoButton>
            </SpaceBetween>
          }
        >
          Point-in-time recovery (PITR)
        </Header>
      }
    >
      <Failure error={loaded.error} retry={loaded.reload} />
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Status', value: <Status of={isOn ? 'ENABLED' : loaded.data ? 'OFF' : undefined} /> },
          { label: 'Recovery period', value: isOn ? counted(pitr?.RecoveryPeriodInDays ?? 35, 'day') : '–' },
          { label: 'Earliest recovery point', value: isOn ? time(pitr?.EarliestRestorableDateTime) : '–' },
          { label: 'Latest recovery point', value: isOn ? time(pitr?.LatestRestorableDateTime) : '–' },
        ]}
      />
      {editing && (
        <EditRecovery
          name={name}
          isOn={isOn}
          days={pitr?.RecoveryPeriodInDays ?? 35}
          onClose={() => {
            setEditing(false);
            loaded.reload();
          }}
        />
      )}
    </Container>
  );
}

function EditRecovery(props: { name: string; isOn: boolean; days: number; onClose: () => void }) {
  const [on, setOn] = useState(props.isOn);
  const [days, setDays] = useState(String(props.days));
  const submit = useSubmit(async () => {
    await dynamodb('UpdateContinuousBackups', {
      TableName: props.name,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: on,
        RecoveryPeriodInDays: on ? Number(days) : undefined,
      },
    });
    tell('success', `Point-in-time recovery of ${props.name} is ${on ? 'on' : 'off'}.`);
    props.onClose();
  });
  return (
    <DialogForm
      title="Edit point-in-time recovery"
      submit={submit}
      action="Save changes"
      onClose={props.onClose}
    >
      <Toggle
        checked={on}
        description={props.isOn && !on ? 'What is kept of the past is dropped.' : undefined}
        onChange={({ detail }) => setOn(detail.checked)}
      >
        Turn on point-in-time recovery
      </Toggle>
      {on && (
        <FormField label="Recovery period" constraintText="1 to 35 days">
          <Input type="number" value={days} onChange={({ detail }) => setDays(detail.value)} />
        </FormField>
      )}
    </DialogForm>
  );
}
