/** Headless Chromium, led over its DevTools protocol: what a page is like for who looks at it. */
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

const CHROMIUM = '/usr/bin/chromium';
const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** How a page is looked at. */
export interface View {
  /** CSS pixels. */
  readonly width: number;
  readonly scheme?: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
}

export interface Page {
  /** Shows another file, or the same one again, and waits until it is loaded. */
  show(path: string, view: View): Promise<void>;
  /** The value of a JavaScript expression in the page; the page's own policy does not bind it. */
  ask<T>(expression: string): Promise<T>;
  /** Writes a PNG of the page, whole or of this height. */
  picture(path: string, height?: number): Promise<void>;
  /** Addresses that were asked for since the last `show`, whether they were allowed or not. */
  requests(): string[];
  /** What the page was refused by its policy, and other errors, since the last `show`. */
  complaints(): string[];
}

/** Starts a browser for a test, with a page. */
export async function browser(t: TestContext): Promise<Page> {
  // Before its files go: it would write some again.
  let close: (() => Promise<void>) | null = null;
  t.after(() => close?.());
  const profile = tempDir(t);
  const chromium = program(t, CHROMIUM, [...OPTIONS, `--user-data-dir=${profile}`], {
    env: { ...process.env, HOME: profile },
  });
  const address = await until('a browser', () => /ws:\/\/\S+/.exec(chromium.stderr())?.[0]);
  const socket = new WebSocket(address);
  await until('its answer', () => socket.readyState === WebSocket.OPEN);

  const answers = new Map<number, Message>();
  const events: Message[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) events.push(message);
    else answers.set(message.id, message);
  });
  let last = 0;
  let sessionId: string | undefined;
  const call = async (method: string, params: object = {}) => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await until(method, () => answers.get(id));
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  };
  close = async () => {
    sessionId = undefined;
    socket.send(JSON.stringify({ id: ++last, method: 'Browser.close' }));
    await chromium.end();
  };
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const attached = await call('Target.attachToTarget', { targetId, flatten: true });
  sessionId = String(attached['sessionId']);
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await call(`${domain}.enable`);
  const eventsOf = (method: string) => events.filter((event) => event.method === method);

  return {
    show: async (path, { width, scheme = 'light', media = 'screen' }) => {
      const size = { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 };
      await call('Emulation.setDeviceMetricsOverride', size);
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await call('Emulation.setEmulatedMedia', { media, features });
      events.length = 0;
      await call('Page.navigate', { url: `file://${path}` });
      await until(`${path} in the browser`, () => eventsOf('Page.loadEventFired').length > 0);
    },
    ask: async <T>(expression: string) => {
      const asked = { expression, returnByValue: true, awaitPromise: true };
      const { result } = await call('Runtime.evaluate', asked);
      return (result as { value: T }).value;
    },
    picture: async (path, height) => {
      const size =
        'document.documentElement.scrollWidth + "x" + document.documentElement.scrollHeight';
      const { result } = await call('Runtime.evaluate', { expression: size, returnByValue: true });
      const [width, all] = (result as { value: string }).value.split('x').map(Number);
      const clip = { x: 0, y: 0, width, height: height ?? all, scale: 1 };
      const options = { format: 'png', captureBeyondViewport: true, clip };
      const { data } = await call('Page.captureScreenshot', options);
      writeFileSync(path, Buffer.from(data as string, 'base64'));
    },
    requests: () =>
      eventsOf('Network.requestWillBeSent').map(
        ({ params }) => (params as { request: { url: string } }).request.url,
      ),
    complaints: () =>
      [...eventsOf('Log.entryAdded'), ...eventsOf('Runtime.exceptionThrown')].map(({ params }) =>
        JSON.stringify(params),
      ),
  };
}
