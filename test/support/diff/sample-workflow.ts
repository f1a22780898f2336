import type { JsonObject } from '../../../src/lib/json/json.ts';

const BASE = 'n8n-nodes-base';
const AI = '@n8n/n8n-nodes-langchain';

/** A workflow with a bit of everything that n8n's canvas draws: branches, an agent with a model, a note, a way back. */
export function sampleWorkflow(name: string): JsonObject {
  return {
    name,
    settings: { executionOrder: 'v1' },
    nodes: [
      node('Schedule', `${BASE}.scheduleTrigger`, [-400, 0]),
      node('HTTP', `${BASE}.httpRequest`, [-180, 0], { url: 'https://api.example.com/v1/invoices' }),
      node('IF', `${BASE}.if`, [40, 0]),
      node('Code', `${BASE}.code`, [280, -120], { jsCode: 'const a = 1;\nconst b = 2;\nreturn [{ a, b }];' }),
      node('Agent', `${AI}.agent`, [500, -140], { text: '={{ $json.a }}' }),
      node('Model', `${AI}.lmChatOpenAi`, [480, 80]),
      node('Nothing', `${BASE}.noOp`, [280, 160]),
      node('Wait', `${BASE}.wait`, [520, 260]),
      node('Note', `${BASE}.stickyNote`, [-460, -220], {
        content: '## Invoices\nRuns every hour.',
        width: 420,
        height: 380,
        color: 5,
      }),
    ],
    connections: {
      Schedule: main(['HTTP']),
      HTTP: main(['IF']),
      IF: main(['Code'], ['Nothing']),
      Code: main(['Agent']),
      Nothing: main(['Wait']),
      Wait: main(['HTTP']),
      Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
    },
  };
}

export function node(name: string, type: string, position: [number, number], parameters: JsonObject = {}): JsonObject {
  return { id: crypto.randomUUID(), name, type, typeVersion: 1, position, parameters };
}

/** The main outputs of a node: for each the names of the nodes that it leads to. */
export function main(...outputs: string[][]): JsonObject {
  return {
    main: outputs.map((names) => names.map((name) => ({ node: name, type: 'main', index: 0 }))),
  };
}
