// Keys and tokens that their services made recognisable and that secretlint does not know: a match is a secret
// wherever it stands. The forms are those that the services document, and that gitleaks (MIT) knows.

import { isPlaceholder } from './placeholder.ts';
import { joined, valueRule, type TextRule } from './rule.ts';
import { isNameLike } from './words.ts';

/**
 * Each begins with something that no other part of it has, at the beginning of a word: so that no attempt reads what
 * another one read.
 */
const FORMS: Readonly<Record<string, RegExp>> = {
  'age-identity': /\b(?<value>AGE-SECRET-KEY-1[A-Z\d]{58})/g,
  'airtable-token': /\b(?<value>pat\w{14}\.[\da-f]{64})\b/g,
  'apify-token': /\b(?<value>apify_api_\w{30,60})/g,
  'asana-token': /(?<![\w/])(?<value>[12]\/\d{10,20}(?:\/\d{10,20})?:[\da-f]{32})\b/g,
  'atlassian-token': /\b(?<value>ATATT3[\w=-]{60,400})/g,
  'aws-bedrock-key': /\b(?<value>ABSK[A-Za-z\d+/]{100,300}={0,2})/g,
  'aws-secret-access-key': joined(
    /\b(?:AKIA|ASIA)[A-Z\d]{16}\b[^A-Za-z\d+/]{1,20}(?:\w{2,40}[^A-Za-z\d+/]{1,20})?/g,
    /(?<value>[A-Za-z\d+/]{40})(?![A-Za-z\d+/=])/,
  ),
  'azure-client-secret': /(?<![\w~.-])(?<value>[\w~.]{3}\dQ~[\w~.-]{31,34})(?![\w~.-])/g,
  'brevo-key': /\b(?<value>xkeysib-[\da-f]{64}-\w{16})/g,
  'brevo-smtp-key': /\b(?<value>xsmtpsib-[\da-f]{64}-\w{16})/g,
  'clickup-token': /\b(?<value>pk_\d{5,10}_[A-Z\d]{32})\b/g,
  'cloudflare-origin-key': /\b(?<value>v1\.0-[\da-f]{24}-[\da-f]{146})\b/g,
  'digitalocean-token': /\b(?<value>do[opr]_v1_[\da-f]{64})\b/g,
  'discord-bot-token': /(?<![\w.-])(?<value>[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,45})(?![\w-])/g,
  'doppler-token': /\b(?<value>dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,80})/g,
  'dropbox-token': /(?<![\w.])(?<value>sl\.(?:u\.)?[\w-]{130,1500})/g,
  'facebook-token': /\b(?<value>EAA[A-Z][A-Za-z\d]{90,300})\b/g,
  'firecrawl-key': /\b(?<value>fc-[\da-f]{32})\b/g,
  'fly-token': /\b(?<value>f(?:o1_[\w-]{43}|m[12][ar]?_[A-Za-z\d+/]{100,800}))/g,
  'gitlab-token': /\b(?<value>gl(?:dt|rt|ptt|ft|soat|agent|oas|cbt|imt|ffct)-[\w-]{20,100}(?:\.\w{2,12}){0,2})/g,
  'google-api-key': /\b(?<value>AIza[\w-]{35})/g,
  'google-oauth-secret': /\b(?<value>GOCSPX-[\w-]{20,40})/g,
  'google-oauth-token': /\b(?<value>ya29\.[\w-]{20,1000})/g,
  'google-refresh-token': /(?<![\w/])(?<value>1\/\/0[\w-]{40,200})/g,
  'hashicorp-token': /(?<!\w)(?<value>\w{14}\.atlasv1\.[\w-]{60,70})/g,
  'heroku-key': /\b(?<value>HRKU-[\w-]{36,70})/g,
  'hubspot-token': /\b(?<value>pat-(?:na|eu|ap)\d-[\da-f-]{36})/g,
  'huggingface-token': /\b(?<value>hf_[A-Za-z\d]{30,40})\b/g,
  'langchain-key': /\b(?<value>lsv2_(?:pt|sk)_[\da-f]{32}_[\da-f]{10})\b/g,
  'mailchimp-key': /(?<![\w-])(?<value>[\da-f]{32}-us\d{1,2})\b/g,
  'mailgun-key': /\b(?<value>key-[\da-f]{32})\b/g,
  'mailgun-signing-key': /(?<![\w-])(?<value>[\da-f]{32}-[\da-f]{8}-[\da-f]{8})(?![\w-])/g,
  'netlify-token': /\b(?<value>nf[pcou]_\w{36,40})\b/g,
  'new-relic-key': /\b(?<value>NR(?:AK|II|JS|RA)-[\w-]{19,45})/g,
  'notion-token': /\b(?<value>secret_[A-Za-z\d]{43}|ntn_[A-Za-z\d]{40,60})\b/g,
  'npm-auth-token': /:_authToken=(?<value>[\w.+/-]{16,200}={0,2})/g,
  'openai-key': /(?<![\w-])(?<value>sk-[A-Za-z\d][\w-]{30,300})/g,
  'paypal-token': /\b(?<value>access_token\$(?:production|sandbox)\$\w{10,30}\$[\da-f]{32})\b/g,
  'perplexity-key': /\b(?<value>pplx-[A-Za-z\d]{40,60})\b/g,
  'pinecone-key': /\b(?<value>pcsk_\w{5,10}_\w{50,80})\b/g,
  'plaid-token': /\b(?<value>access-(?:sandbox|development|production)-[\da-f]{8}-[\da-f-]{27})\b/g,
  'planetscale-token': /\b(?<value>pscale_(?:tkn|oauth|pw)_[\w.-]{32,64})/g,
  'posthog-key': /\b(?<value>phx_\w{40,60})\b/g,
  'postman-key': /\b(?<value>PMAK-[\da-f]{24}-[\da-f]{34})\b/g,
  'private-key': new RegExp(
    String.raw`(?<value>-----BEGIN[ A-Z\d]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{40,20000}` +
      String.raw`(?:-----END[ A-Z\d]{0,40}PRIVATE KEY(?: BLOCK)?-----)?)`,
    'g',
  ),
  'pulumi-token': /\b(?<value>pul-[\da-f]{40})\b/g,
  'pypi-token': /\b(?<value>pypi-AgE[\w-]{50,1000})/g,
  'replicate-token': /\b(?<value>r8_[A-Za-z\d]{37,40})\b/g,
  'resend-key': /\b(?<value>re_[A-Za-z\d]{6,12}_[A-Za-z\d]{20,32})\b/g,
  'rubygems-key': /\b(?<value>rubygems_[\da-f]{48})\b/g,
  'sentry-token': /\b(?<value>sntry[su]_[\w+/=]{60,400})/g,
  'slack-token': /\b(?<value>xox[abceoprs](?:\.xox[bp])?-[\w-]{20,300}|xapp-\d-[\w-]{20,200})/g,
  'sonar-token': /\b(?<value>sq[upa]_[\da-f]{40})\b/g,
  'square-token': /\b(?<value>EAAA[\w-]{56,80}|sq0(?:atp|csp)-[\w-]{22,60})/g,
  'stripe-webhook-secret': /\b(?<value>whsec_[A-Za-z\d+/]{24,80}={0,2})/g,
  'supabase-token': /\b(?<value>sbp_[\da-f]{40}|sb_secret_[\w-]{20,50})/g,
  'tavily-key': /\b(?<value>tvly-(?:dev-|prod-)?[A-Za-z\d]{28,64})\b/g,
  'telegram-bot-token': /\b(?:bot)?(?<value>\d{8,10}:AA[\w-]{33})/g,
  'twilio-key': /\b(?<value>SK[\da-f]{32})\b/g,
  'typeform-token': /\b(?<value>tfp_[\w.=-]{40,70})/g,
  'webhook-url': joined(
    /(?:discord(?:app)?\.com\/api\/webhooks\/\d{5,30}\/|webhook\.office\.com\/webhookb2\/)/gi,
    /(?<value>[\w@/-]{20,300})/,
  ),
  'xai-key': /\b(?<value>xai-[A-Za-z\d]{60,100})\b/g,
};

/**
 * The three parts of a token begin at the beginning of a word alone. What stands before its first `ey` is cut off
 * afterwards: a pattern that looks for that would read the rest of the word at each `-ey` of it.
 */
const WEB_TOKEN: TextRule = {
  rule: 'json-web-token',
  pattern: /(?<![\w-])(?<value>[\w-]{12,}\.ey[\w-]{10,}\.[\w-]{10,})/g,
  find: ({ index: from, groups = {} }) => {
    const value = groups.value ?? '';
    const start = value.search(/\bey/);
    if (start < 0 || value.indexOf('.') - start < 12 || isPlaceholder(value.slice(start))) return [];
    return [{ start: from + start, end: from + value.length }];
  },
};

/**
 * secretlint has this one, too, but takes as many signs as the key has from the beginning of its name: with
 * `AWS_SECRET_ACCESS_KEY=` in front, the last 22 would stay readable.
 */
const AWS_SECRET = valueRule(
  'aws-secret-access-key',
  joined(
    // Quotes of JSON in JSON in a row have up to seven backslashes.
    /secret[ _-]?access[ _-]?key(?:\\{0,7}["'])?\s{0,8}(?:=>|[:=])\s{0,8}(?:\\{0,7}["'])?/gi,
    /(?<value>[A-Za-z\d+/]{40})(?![A-Za-z\d+/=])/,
  ),
  isMade,
);

/** What needs nothing around it: little of that is wrong, also in text that nobody wrote as code. */
export const FORMATS: readonly TextRule[] = [
  WEB_TOKEN,
  AWS_SECRET,
  ...Object.entries(FORMS).map(([rule, pattern]) => valueRule(rule, pattern, isMade)),
];

function isMade(value: string): boolean {
  return !isPlaceholder(value) && !isNameLike(value);
}
