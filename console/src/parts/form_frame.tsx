// The frame of every form: where errors stand, what is shown while it is sent, how it is sent and left.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Failure } from './failure';
import { GoButton } from './go_link';
import type { Submit } from './use_submit';

interface FrameProps {
  submit: Submit;
  action: string; // what the button that sends says
  disabled?: boolean;
  children: ReactNode;
}

function Sent({ submit, disabled, children }: { submit: Submit; disabled?: boolean; children: ReactNode }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation(); // a dialog may stand in a form
        if (!disabled) submit.run();
      }}
    >
      {children}
    </form>
  );
}

// On a page of its own, with a way out.
export function PageForm(props: FrameProps & { cancelTo: string }) {
  const { submit } = props;
  return (
    <Sent submit={submit} disabled={props.disabled}>
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <GoButton variant="link" formAction="none" href={props.cancelTo}>
              Cancel
            </GoButton>
            <Button variant="primary" loading={submit.busy} disabled={props.disabled}>
              {props.action}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <Failure error={submit.error} />
          {props.children}
        </SpaceBetween>
      </Form>
    </Sent>
  );
}

// Over the page: closed by whoever shows it, when what it sent has been accepted.
export function DialogForm(props: FrameProps & { title: string; size?: ModalProps.Size; onClose: () => void }) {
  const { submit } = props;
  return (
    <Modal
      visible
      size={props.size}
      header={props.title}
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={submit.busy} disabled={props.disabled} onClick={submit.run}>
              {props.action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Sent submit={submit} disabled={props.disabled}>
        <SpaceBetween size="m">
          <Failure error={submit.error} />
          {props.children}
        </SpaceBetween>
      </Sent>
    </Modal>
  );
}

// A section of a page that is changed in place: its button is in its header.
export function SectionForm(props: FrameProps & { title: string; description?: string }) {
  const { submit } = props;
  return (
    <Sent submit={submit} disabled={props.disabled}>
      <Container
        header={
          <Header
            variant="h2"
            description={props.description}
            actions={
              <Button loading={submit.busy} disabled={props.disabled}>
                {props.action}
              </Button>
            }
          >
            {props.title}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <Failure error={submit.error} />
          {props.children}
        </SpaceBetween>
      </Container>
    </Sent>
  );
}
