import { startStandIn } from '../support/stand-in/start.ts';
import { describeN8n } from './n8n.suite.ts';

for (const licensed of [false, true]) {
  describeN8n(`stand-in, ${licensed ? 'licensed' : 'community'}`, licensed, async () => {
    const standIn = await startStandIn({ licensed });
    return {
      ...{ url: standIn.url, apiKey: standIn.apiKey, licensed, servesSpecification: true },
      createKey: async (scopes) => standIn.createKey(scopes),
      [Symbol.asyncDispose]: () => standIn.stop(),
    };
  });
}
