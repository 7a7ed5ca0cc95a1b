import AppLayout from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useState } from 'react';
import { currentSession } from '../client/session';
import { Notices } from './notices';
import { follow, href, usePlace } from './router';
import { Side } from './side';
import { SignIn } from './sign_in';
import { Top } from './top';
import { viewOf } from './views';

export function App() {
  const place = usePlace();
  const [session, setSession] = useState(currentSession());
  const view = viewOf(place);
  const isKnown = session !== null;
  return (
    <>
      <div id="top-navigation">
        <Top onSessionChange={() => setSession(currentSession())} />
      </div>
      <AppLayout
        headerSelector="#top-navigation"
        toolsHide
        navigationHide={!isKnown}
        navigation={<Side place={place} />}
        breadcrumbs={
          isKnown && (
            <BreadcrumbGroup
              ariaLabel="Where you are"
              onFollow={follow}
              items={[{ text: 'Tidemark', href: href([]) }, ...view.trail]}
            />
          )
        }
        notifications={<Notices />}
        content={
          isKnown ? (
            <div key={`${session.credentials.accessKeyId} ${session.region}`}>{view.content}</div>
          ) : (
            <SignIn onDone={() => setSession(currentSession())} />
          )
        }
        ariaLabels={{
          navigation: 'Services',
          navigationClose: 'Close the navigation',
          navigationToggle: 'Open the navigation',
          notifications: 'Notices',
        }}
      />
    </>
  );
}
