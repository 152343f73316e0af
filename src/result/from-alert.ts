/** Makes the check result that reports an alert, by the configuration and its rules. */
import type { Alert } from '../fold/alert.ts';
import type { Denial } from '../parse/denial.ts';
import type { Line } from '../text/line.ts';
import {
  networkText,
  repeatText,
  scanText,
  stormText,
  sweepText,
  timesText,
} from './alert-text.ts';
import type { WeighedResult } from './check-result.ts';
import type { ResultConfig } from './config.ts';
import { hostNames } from './host-names.ts';
import { output } from './output.ts';
import { firstRule, type Subject } from './rules.ts';

/** What an alert reports, and about whom. */
export interface AlertDescription {
  /** The refusal that it is about, for the template of the output; or a text of its own. */
  readonly about: Denial | Line;
  /** Follows that. */
  readonly detail: Line;
  /** What its denials have in common, for the rules. */
  readonly subject: Omit<Subject, 'at'>;
  /** The kind under which the history stores it; null: the history does not store such alerts. */
  readonly event: 'scan' | 'sweep' | 'storm' | null;
}

/** The fields that have no value in a storm, and some of which have none in a scan. */
const NOBODY = { daemon: null, client: null, address: null, user: null };

/** Returns the content of an alert: everything that depends on its kind. */
export function describeAlert(alert: Alert): AlertDescription {
  switch (alert.kind) {
    case 'denial': {
      const { denial, count } = alert;
      return { about: denial, detail: timesText(count), subject: denial, event: null };
    }
    case 'repeat': {
      const { denial, count, duration } = alert;
      return { about: denial, detail: repeatText(count, duration), subject: denial, event: null };
    }
    case 'scan': {
      const { host, client } = alert;
      const { headline: about, detail } = scanText(alert);
      const subject = { ...NOBODY, host, client, address: client };
      return { about, detail, subject, event: 'scan' };
    }
    case 'network-scan': {
      const { host, network, daemon } = alert;
      const { headline: about, detail } = networkText(alert);
      const first = network.slice(0, network.indexOf('/'));
      const subject = { ...NOBODY, host, daemon, client: first, address: first };
      return { about, detail, subject, event: 'scan' };
    }
    case 'sweep': {
      const { client } = alert;
      const { headline: about, detail } = sweepText(alert);
      return {
        about,
        detail,
        subject: { ...NOBODY, host: null, client, address: client },
        event: 'sweep',
      };
    }
    case 'storm':
  }
  const { headline: about, detail } = stormText(alert);
  return { about, detail, subject: { ...NOBODY, host: alert.host }, event: 'storm' };
}

/** Returns the function that makes the result of an alert. */
export function resultMaker(config: ResultConfig): (alert: Alert) => WeighedResult {
  const hostName = hostNames(config);
  // An alert's denials were not ignored, whatever the hour is by now.
  const ruleFor = firstRule(config.rules.filter(({ ignore }) => !ignore));
  return (alert) => {
    const { at, count } = alert;
    const { about, detail, subject, event } = describeAlert(alert);
    const rule = ruleFor({ ...subject, at });
    const named = 'line' in about ? about.line : output(rule?.output ?? config.output, about);
    return {
      at,
      host: rule?.host ?? hostName(subject.host),
      service: rule?.service ?? config.service,
      state: rule?.state ?? config.state,
      output: named + detail.line,
      subject: named,
      denials: count,
      // A summary reports many denials: in a full queue it is kept longer than single ones.
      value: event === null ? 0 : 1,
    };
  };
}
