import { shownValue, type Item } from '../../client/dynamodb';

// What distinguishes two states of an item: old values struck out behind a minus, new ones behind a plus.
export function ChangedAttributes({ before, after }: { before: Item | null; after: Item | null }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  if (changed.length === 0) return <span>Written, with the same content</span>;
  return (
    <div className="mono">
      {changed.map((name) => (
        <div key={name}>
          {before?.[name] !== undefined && (
            <div className="removed">
              − {name}: {shownValue(before[name]).slice(0, 2000)}
            </div>
          )}
          {after?.[name] !== undefined && (
            <div className="added">
              + {name}: {shownValue(after[name]).slice(0, 2000)}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
