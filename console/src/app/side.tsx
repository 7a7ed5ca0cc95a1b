import SideNavigation from '@cloudscape-design/components/side-navigation';
import { follow, href, type Place } from './router';

const link = (text: string, ...segments: string[]) => ({ type: 'link' as const, text, href: href(segments) });

export function Side({ place }: { place: Place }) {
  return (
    <SideNavigation
      header={{ text: 'Tidemark', href: href([]) }}
      activeHref={href(activeOf(place.segments))}
      onFollow={follow}
      items={[
        {
          type: 'section',
          text: 'DynamoDB',
          items: [
            link('Tables', 'tables'),
            link('Explore items', 'explore'),
            link('PartiQL editor', 'partiql'),
            link('Backups', 'backups'),
            link('Exports to S3', 'exports'),
            link('Imports from S3', 'imports'),
          ],
        },
        { type: 'section', text: 'S3', items: [link('Buckets', 's3')] },
        {
          type: 'section',
          text: 'Time and work',
          items: [link('Timeline', 'timeline'), link('Jobs', 'jobs'), link('Clock', 'clock')],
        },
        { type: 'section', text: 'Server', items: [link('Live requests', 'requests'), link('Disk use', 'disk'), link('Bill', 'bill'), link('Export or Scan?', 'export-or-scan')] },
      ]}
    />
  );
}

// The entry that a view belongs to.
function activeOf(segments: string[]): string[] {
  const [first, , third] = segments;
  if (!first) return ['tables'];
  if (first === 'create-table') return ['tables'];
  if (first === 'restore') return ['backups'];
  if (first === 'tables' && third === 'items') return ['explore'];
  if (first === 'tables' && third === 'item') return ['explore'];
  if (first === 'tables' && (third === 'timeline' || third === 'history' || third === 'diff')) return ['timeline'];
  return [first];
}
