import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState } from 'react';
import { attempt } from '../../app/notices';
import { moveClock, readClock } from '../../client/tidemark';
import { Failure } from '../../parts/failure';
import { aheadOrBehind, spoken, time } from '../../parts/format';
import { isWhole, momentOf, MomentInput, textOf } from '../../parts/moment_input';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { DueList } from './due_list';

const steps = [
  { text: '1 minute', value: 'PT1M' },
  { text: '1 hour', value: 'PT1H' },
  { text: '1 day', value: 'P1D' },
  { text: '7 days', value: 'P7D' },
  { text: '35 days', value: 'P35D' },
];

export function Clock() {
  const loaded = useLoad(readClock, [], () => 1000);
  const clock = loaded.data;
  const [step, setStep] = useState('PT12H');
  const [rate, setRate] = useState('60');
  const [moment, setMoment] = useState(momentOf(new Date()));
  const [busy, setBusy] = useState(false);
  const isKnown = clock !== undefined;
  useEffect(() => {
    if (clock) setMoment(momentOf(new Date(clock.now)));
  }, [isKnown]);
  const move = async (change: object, done: string): Promise<void> => {
    setBusy(true);
    await attempt('Moving the clock', () => moveClock(change), done);
    setBusy(false);
    loaded.reload();
  };
  return (
    <Page title="Clock" description="The service has a clock of its own: commits, recovery windows, times to live and lifecycle rules go by it.">
      <SpaceBetween size="l">
        <Failure error={loaded.error} retry={loaded.reload} />
        <Container header={<Header variant="h2">Now</Header>}>
          <SpaceBetween size="m">
            <Box variant="h1" tagOverride="div">
              <span className="clock-now">{time(clock?.now)}</span>
            </Box>
            <KeyValuePairs
              columns={3}
              items={[
                { label: 'The machine’s clock', value: time(clock?.wall) },
                { label: 'Compared with it', value: clock ? aheadOrBehind(clock.offset) || 'The same time' : '–' },
                { label: 'Pace', value: clock ? (clock.frozen ? 'Frozen' : clock.rate === 1 ? 'As the machine’s' : `${clock.rate} times as fast`) : '–' },
              ]}
            />
          </SpaceBetween>
        </Container>
        <Container
          header={
            <Header variant="h2" description="Everything that is due by then happens before the clock shows it: items expire, tables become active, jobs end.">
              Move forward
            </Header>
          }
        >
          <SpaceBetween size="m">
            <Alert type="info">There is no way back: time only goes forward, as on AWS.</Alert>
            <SpaceBetween direction="horizontal" size="xs">
              {steps.map(({ text, value }) => (
                <Button key={value} disabled={busy} onClick={() => void move({ advance: value }, `The clock went on by ${text}.`)}>
                  {text}
                </Button>
              ))}
            </SpaceBetween>
            <ColumnLayout columns={2}>
              <FormField
                label="By a duration"
                constraintText="ISO 8601: P1DT12H, PT30M"
                secondaryControl={
                  <Button disabled={busy || !step} onClick={() => void move({ advance: step }, `The clock went on by ${spoken(step) || step}.`)}>
                    Advance
                  </Button>
                }
              >
                <Input value={step} onChange={({ detail }) => setStep(detail.value)} />
              </FormField>
              <SpaceBetween size="xs">
                <MomentInput label="To a moment" value={moment} onChange={setMoment} />
                <Button
                  disabled={busy || !isWhole(moment)}
                  onClick={() => void move({ set: textOf(moment) }, `The clock shows ${textOf(moment)}.`)}
                >
                  Set
                </Button>
              </SpaceBetween>
            </ColumnLayout>
          </SpaceBetween>
        </Container>
        <DueList />
        <Container header={<Header variant="h2">Pace</Header>}>
          <ColumnLayout columns={2}>
            <Toggle
              checked={clock?.frozen ?? false}
              disabled={!clock || busy}
              description="Time stands still; writes still get times that rise."
              onChange={({ detail }) => void move({ freeze: detail.checked }, detail.checked ? 'Time stands still.' : 'Time goes on.')}
            >
              Freeze
            </Toggle>
            <FormField
              label="Rate"
              description="60: a minute passes in a second"
              secondaryControl={
                <Button disabled={busy || !(Number(rate) > 0)} onClick={() => void move({ rate: Number(rate) }, `The clock runs ${rate} times as fast.`)}>
                  Use
                </Button>
              }
            >
              <Input type="number" value={rate} onChange={({ detail }) => setRate(detail.value)} />
            </FormField>
          </ColumnLayout>
        </Container>
      </SpaceBetween>
    </Page>
  );
}
