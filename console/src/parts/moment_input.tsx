// A moment, in UTC: a date, a time of day, and what the service understands of them.
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';

export interface Moment {
  date: string; // YYYY-MM-DD
  time: string; // HH:MM:SS
}

export function momentOf(date: Date): Moment {
  const text = date.toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}

export function isWhole(moment: Moment): boolean {
  return !Number.isNaN(Date.parse(textOf(moment)));
}

// With zeros for what has not been typed.
export function textOf(moment: Moment): string {
  const time = (moment.time + '00:00:00'.slice(moment.time.length)).slice(0, 8);
  return `${moment.date}T${time}Z`;
}

export const secondsOf = (moment: Moment): number => Date.parse(textOf(moment)) / 1000;

export function MomentInput(props: {
  label: string;
  description?: string;
  value: Moment;
  onChange: (value: Moment) => void;
  disabled?: boolean;
  errorText?: string;
}) {
  const { value } = props;
  return (
    <FormField label={props.label} description={props.description} errorText={props.errorText} constraintText="UTC, 24 hours">
      <SpaceBetween direction="horizontal" size="xs">
        <DatePicker
          value={value.date}
          disabled={props.disabled}
          ariaLabel={`${props.label}: date`}
          openCalendarAriaLabel={(date) => (date ? `Choose a date, ${date} is chosen` : 'Choose a date')}
          placeholder="YYYY-MM-DD"
          onChange={({ detail }) => props.onChange({ ...value, date: detail.value })}
        />
        <TimeInput
          value={value.time}
          disabled={props.disabled}
          ariaLabel={`${props.label}: time`}
          placeholder="hh:mm:ss"
          format="hh:mm:ss"
          onChange={({ detail }) => props.onChange({ ...value, time: detail.value })}
        />
      </SpaceBetween>
    </FormField>
  );
}
