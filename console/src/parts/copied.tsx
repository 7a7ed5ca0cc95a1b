import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

// Text with a button that copies it.
export function Copied({ text }: { text: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel="Copy"
      copySuccessText="Copied"
      copyErrorText="The browser did not let it be copied"
    />
  );
}
