import { installN8n } from '../support/n8n/install.ts';
import { startN8n } from '../support/n8n/start.ts';
import { describeN8n } from '../contract/n8n.suite.ts';

for (const licensed of [false, true]) {
  describeN8n(`n8n, ${licensed ? 'licensed' : 'community'}`, licensed, async () => {
    const n8n = await startN8n({ licensed });
    const { folder } = await installN8n();
    return {
      ...{ url: n8n.url, apiKey: n8n.apiKey, licensed, servesSpecification: !folder.includes('/.') },
      createKey: (scopes) => n8n.createKey(scopes),
      [Symbol.asyncDispose]: () => n8n.stop(),
    };
  });
}
