import SideNavigation from '@cloudscape-design/components/side-navigation';
import menu from './menu.json';
import { follow, href, type Place } from './router';

export function Side({ place }: { place: Place }) {
  return (
    <SideNavigation
      header={{ text: 'Tidemark', href: href([]) }}
      activeHref={href(activeOf(place.segments))}
      onFollow={follow}
      items={menu.map((section) => ({
        type: 'section',
        text: section.text,
        items: section.items.map(({ text, view }) => ({ type: 'link', text, href: href([view]) })),
      }))}
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
