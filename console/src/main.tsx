import '@cloudscape-design/global-styles/index.css';
import './console.css';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { startTheme } from './app/theme';
import { loadFacts } from './client/session';

startTheme();
const root = createRoot(document.getElementById('root')!);

loadFacts().then(
  () =>
    root.render(
      <I18nProvider locale="en" messages={[messages]}>
        <App />
      </I18nProvider>,
    ),
  (error: unknown) => {
    document.getElementById('root')!.textContent = error instanceof Error ? error.message : String(error);
  },
);
