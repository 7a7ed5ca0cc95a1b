import { Page } from '../parts/page';
import { GoButton } from '../parts/go_link';
import { href } from './router';

export function NotFound() {
  return (
    <Page title="There is no such page" description="The address may be of another version of the console.">
      <GoButton href={href(['tables'])}>Tables</GoButton>
    </Page>
  );
}
