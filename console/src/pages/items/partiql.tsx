import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { clearNotices, tell } from '../../app/notices';
import { setQuery, usePlace } from '../../app/router';
import { dynamodb, type Item } from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { Page } from '../../parts/page';
import { ItemTable } from './item_table';

interface Answer {
  Items?: Item[];
  NextToken?: string;
}

export function PartiQL() {
  const { query } = usePlace();
  const [statement, setStatement] = useState(query.get('statement') ?? '');
  const [ran, setRan] = useState('');
  const [items, setItems] = useState<Item[] | undefined>();
  const [next, setNext] = useState<string | undefined>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async (text: string, token?: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    clearNotices();
    if (!token) setQuery({ statement: text });
    try {
      const answer = await dynamodb<Answer>('ExecuteStatement', { Statement: text, NextToken: token, Limit: 100 });
      setItems(token ? [...(items ?? []), ...(answer.Items ?? [])] : (answer.Items ?? []));
      setNext(answer.NextToken);
      setRan(text);
      if (!/^\s*select/i.test(text)) tell('success', 'The statement has been carried out.');
    } catch (found) {
      setError(found);
    }
    setBusy(false);
  };
  return (
    <Page title="PartiQL editor" description="SELECT, INSERT, UPDATE and DELETE, in the SQL of DynamoDB.">
      <SpaceBetween size="l">
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <Button variant="primary" loading={busy} disabled={!statement.trim()} onClick={() => void run(statement)}>
                  Run
                </Button>
              }
            >
              Statement
            </Header>
          }
        >
          <FormField stretch label="PartiQL" description="One statement. Ctrl+Enter runs it.">
            <div
              className="mono"
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && statement.trim()) void run(statement);
              }}
            >
              <Textarea
                value={statement}
                rows={5}
                spellcheck={false}
                placeholder={`SELECT * FROM "Orders" WHERE customer = 'ada'`}
                ariaLabel="PartiQL statement"
                onChange={({ detail }) => setStatement(detail.value)}
              />
            </div>
          </FormField>
        </Container>
        <Failure error={error} />
        <ItemTable
          items={items}
          loading={busy && !items}
          title="Items returned"
          empty={{ title: items ? 'No items' : 'Nothing run yet', text: items ? 'The statement returned none.' : 'Write a statement and run it.' }}
          paging={
            next ? (
              <Button loading={busy} onClick={() => void run(ran, next)}>
                Read on
              </Button>
            ) : (
              <Box />
            )
          }
        />
      </SpaceBetween>
    </Page>
  );
}
