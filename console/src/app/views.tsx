// Which address is which view.
import type { BreadcrumbGroupProps } from '@cloudscape-design/components/breadcrumb-group';
import type { ReactNode } from 'react';
import { Backups } from '../pages/backups/backups';
import { Restore } from '../pages/backups/restore';
import { ExportDetail } from '../pages/exports/export_detail';
import { ExportForm } from '../pages/exports/export_form';
import { Exports } from '../pages/exports/exports';
import { ImportDetail } from '../pages/imports/import_detail';
import { ImportForm } from '../pages/imports/import_form';
import { Imports } from '../pages/imports/imports';
import { ItemEditor } from '../pages/items/item_editor';
import { Explore } from '../pages/items/explore';
import { PartiQL } from '../pages/items/partiql';
import { Buckets } from '../pages/s3/buckets';
import { Objects } from '../pages/s3/objects';
import { ObjectDetail } from '../pages/s3/object_detail';
import { Bill } from '../pages/server/bill';
import { Disk } from '../pages/server/disk';
import { ExportOrScan } from '../pages/server/export_or_scan';
import { Requests } from '../pages/server/requests';
import { CreateTable } from '../pages/tables/create_table';
import { TableDetail } from '../pages/tables/table_detail';
import { TableChooser } from '../pages/tables/table_chooser';
import { Tables } from '../pages/tables/tables';
import { Clock } from '../pages/time/clock';
import { Diff } from '../pages/time/diff';
import { History } from '../pages/time/history';
import { JobDetail } from '../pages/time/job_detail';
import { Jobs } from '../pages/time/jobs';
import { Timeline } from '../pages/time/timeline';
import { NotFound } from './not_found';
import { href, type Place } from './router';

export interface View {
  content: ReactNode;
  trail: BreadcrumbGroupProps.Item[];
}

const crumb = (text: string, ...segments: string[]): BreadcrumbGroupProps.Item => ({ text, href: href(segments) });

export function viewOf({ segments, query }: Place): View {
  const [first = 'tables', name, part] = segments;
  const value = (key: string): string | undefined => query.get(key) ?? undefined;
  switch (first) {
    case 'tables':
      if (name === undefined) return { content: <Tables />, trail: [crumb('Tables', 'tables')] };
      return tableView(name, part, value);
    case 'create-table':
      return { content: <CreateTable />, trail: [crumb('Tables', 'tables'), crumb('Create table', 'create-table')] };
    case 'explore':
      return { content: <TableChooser purpose="items" />, trail: [crumb('Explore items', 'explore')] };
    case 'timeline':
      return { content: <TableChooser purpose="timeline" />, trail: [crumb('Timeline', 'timeline')] };
    case 'partiql':
      return { content: <PartiQL />, trail: [crumb('PartiQL editor', 'partiql')] };
    case 'backups':
      return { content: <Backups />, trail: [crumb('Backups', 'backups')] };
    case 'restore':
      return {
        content: <Restore table={value('table')} backup={value('backup')} at={value('at')} />,
        trail: [crumb('Backups', 'backups'), crumb('Restore', 'restore')],
      };
    case 'exports':
      if (name === 'new') {
        return {
          content: <ExportForm table={value('table')} at={value('at')} from={value('from')} to={value('to')} />,
          trail: [crumb('Exports to S3', 'exports'), crumb('Export', 'exports', 'new')],
        };
      }
      if (value('arn')) {
        return {
          content: <ExportDetail arn={value('arn')!} />,
          trail: [crumb('Exports to S3', 'exports'), { text: value('arn')!.split('/').pop()!, href: '#' }],
        };
      }
      return { content: <Exports />, trail: [crumb('Exports to S3', 'exports')] };
    case 'imports':
      if (name === 'new') {
        return {
          content: <ImportForm bucket={value('bucket')} prefix={value('prefix')} />,
          trail: [crumb('Imports from S3', 'imports'), crumb('Import', 'imports', 'new')],
        };
      }
      if (value('arn')) {
        return {
          content: <ImportDetail arn={value('arn')!} />,
          trail: [crumb('Imports from S3', 'imports'), { text: value('arn')!.split('/').pop()!, href: '#' }],
        };
      }
      return { content: <Imports />, trail: [crumb('Imports from S3', 'imports')] };
    case 's3':
      return bucketView(name, part, value);
    case 'jobs':
      if (name === undefined) return { content: <Jobs />, trail: [crumb('Jobs', 'jobs')] };
      return { content: <JobDetail id={name} />, trail: [crumb('Jobs', 'jobs'), crumb(name, 'jobs', name)] };
    case 'clock':
      return { content: <Clock />, trail: [crumb('Clock', 'clock')] };
    case 'requests':
      return { content: <Requests />, trail: [crumb('Live requests', 'requests')] };
    case 'disk':
      return { content: <Disk />, trail: [crumb('Disk use', 'disk')] };
    case 'bill':
      return { content: <Bill since={value('since')} label={value('label')} />, trail: [crumb('Bill', 'bill')] };
    case 'export-or-scan':
      return { content: <ExportOrScan table={value('table')} />, trail: [crumb('Export or Scan?', 'export-or-scan')] };
    default:
      return { content: <NotFound />, trail: [] };
  }
}

function tableView(name: string, part: string | undefined, value: (key: string) => string | undefined): View {
  const trail = [crumb('Tables', 'tables'), crumb(name, 'tables', name)];
  switch (part) {
    case undefined:
      return { content: <TableDetail key={name} name={name} tab={value('tab')} />, trail };
    case 'items':
      return {
        content: <Explore key={name} table={name} asOf={value('at')} />,
        trail: [...trail, crumb('Items', 'tables', name, 'items')],
      };
    case 'item':
      return {
        content: (
          <ItemEditor key={name + (value('key') ?? value('copy') ?? '')} table={name} itemKey={value('key')} copyOf={value('copy')} />
        ),
        trail: [...trail, crumb('Items', 'tables', name, 'items'), { text: value('key') ? 'Edit item' : 'Create item', href: '#' }],
      };
    case 'timeline':
      return {
        content: <Timeline key={name} table={name} at={value('at')} from={value('from')} to={value('to')} />,
        trail: [...trail, crumb('Timeline', 'tables', name, 'timeline')],
      };
    case 'history':
      return {
        content: <History key={value('key')} table={name} itemKey={value('key') ?? '{}'} />,
        trail: [...trail, crumb('Timeline', 'tables', name, 'timeline'), { text: 'Item history', href: '#' }],
      };
    case 'diff':
      return {
        content: <Diff table={name} from={value('from') ?? ''} to={value('to')} />,
        trail: [...trail, crumb('Timeline', 'tables', name, 'timeline'), { text: 'What changed', href: '#' }],
      };
    default:
      return { content: <NotFound />, trail };
  }
}

function bucketView(name: string | undefined, part: string | undefined, value: (key: string) => string | undefined): View {
  const trail = [crumb('Buckets', 's3')];
  if (name === undefined) return { content: <Buckets />, trail };
  const inBucket = [...trail, crumb(name, 's3', name)];
  if (part === 'object') {
    return {
      content: <ObjectDetail key={value('key')} bucket={name} objectKey={value('key') ?? ''} />,
      trail: [...inBucket, { text: value('key')?.split('/').pop() || 'Object', href: '#' }],
    };
  }
  return { content: <Objects key={name + (value('prefix') ?? '')} bucket={name} prefix={value('prefix') ?? ''} />, trail: inBucket };
}
