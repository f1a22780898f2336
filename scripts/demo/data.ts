/** A small company's n8n: what `npm run demo` fills its stand-in with. */

export interface DemoNode {
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly parameters: Record<string, unknown>;
  readonly credentials?: Record<string, { id: string; name: string }>;
}

export interface DemoWorkflow {
  readonly name: string;
  readonly nodes: readonly DemoNode[];
  readonly tags: readonly string[];
  readonly live: boolean;
}

const every = (rule: object): DemoNode => ({
  name: 'Schedule',
  type: 'n8n-nodes-base.scheduleTrigger',
  typeVersion: 1.2,
  parameters: { rule: { interval: [rule] } },
});
const hook = (path: string): DemoNode => ({
  name: 'Webhook',
  type: 'n8n-nodes-base.webhook',
  typeVersion: 2,
  parameters: { path, httpMethod: 'POST' },
});
const http = (name: string, url: string): DemoNode => ({
  name,
  type: 'n8n-nodes-base.httpRequest',
  typeVersion: 4.2,
  parameters: { url, options: {} },
});
const code = (name: string, jsCode: string): DemoNode => ({
  name,
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  parameters: { jsCode },
});

export const CREDENTIALS = [
  { name: 'Billing API', type: 'httpHeaderAuth' },
  { name: 'CRM', type: 'httpHeaderAuth' },
  { name: 'GitHub bot', type: 'githubApi' },
] as const;

export const TAGS = ['finance', 'sales', 'internal'] as const;

export const VARIABLES = [
  { key: 'REGION', value: 'eu-central' },
  { key: 'INVOICE_DUE_DAYS', value: '14' },
] as const;

export const WORKFLOWS: readonly DemoWorkflow[] = [
  {
    name: 'Invoice sync',
    nodes: [
      every({ field: 'hours' }),
      http('Fetch invoices', 'https://billing.example.com/v1/invoices'),
      code('Due date', 'return $input.all().map((item) => ({ json: { ...item.json, due: 14 } }));'),
    ],
    tags: ['finance'],
    live: true,
  },
  {
    name: 'Lead router',
    nodes: [
      hook('lead'),
      code('Score', 'return $input.all();'),
      http('Create in CRM', 'https://crm.example.com/leads'),
    ],
    tags: ['sales'],
    live: true,
  },
  {
    name: 'Weekly report',
    nodes: [every({ field: 'weeks' }), http('Collect figures', 'https://bi.example.com/weekly')],
    tags: ['internal', 'finance'],
    live: true,
  },
  {
    name: 'Support triage',
    nodes: [hook('support'), code('Classify', "return [{ json: { queue: 'first-level' } }];")],
    tags: ['internal'],
    live: true,
  },
  {
    name: 'Old customer import',
    nodes: [hook('import'), http('Read the export', 'https://crm.example.com/export.csv')],
    tags: ['sales'],
    live: false,
  },
  {
    name: 'Notify on error',
    nodes: [every({ field: 'days' }), code('Compose', 'return [];')],
    tags: [],
    live: false,
  },
];
