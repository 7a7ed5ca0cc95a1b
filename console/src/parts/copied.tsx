import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

// Text with a button that copies it, or, where the text is shown beside it, the button alone.
export function Copied({ text, only }: { text: string; only?: 'button' }) {
  return (
    <CopyToClipboard
      variant={only ? 'icon' : 'inline'}
      textToCopy={text}
      copyButtonAriaLabel="Copy"
      copySuccessText="Copied"
      copyErrorText="The browser did not let it be copied"
    />
  );
}
