import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { useEffect, type ReactNode } from 'react';

// A view with its title, also in the title of the window.
export function Page(props: { title: string; description?: ReactNode; actions?: ReactNode; info?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${props.title} – Tidemark`;
  }, [props.title]);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={props.description} actions={props.actions} info={props.info}>
          {props.title}
        </Header>
      }
    >
      {props.children}
    </ContentLayout>
  );
}
