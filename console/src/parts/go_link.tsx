import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import Link, { type LinkProps } from '@cloudscape-design/components/link';
import { follow } from '../app/router';

// A link to another view.
export function GoLink(props: LinkProps) {
  return <Link {...props} onFollow={follow} />;
}

// A button that leads to another view.
export function GoButton(props: ButtonProps & { href: string }) {
  return <Button {...props} onFollow={follow} />;
}
