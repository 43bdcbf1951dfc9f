import fc from 'fast-check';
import { expect, test } from 'vitest';

import { redactText } from './redaction.ts';

const id = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .filter((text) => text.trim() !== '' && !'[redacted]'.includes(text.trim().toLowerCase()));

test('no text that is logged has an id in it, in whatever form it came', () => {
  const forms: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.trim(),
    (text) => text.toUpperCase(),
    encodeURIComponent,
    (text) => JSON.stringify(text),
    (text) => `arn:aws:iam::123456789012:user/organizations/${text}/ci`,
  ];
  fc.assert(
    fc.property(id, fc.string(), fc.string(), fc.constantFrom(...forms), (secret, before, after, form) => {
      const redacted = redactText(`${before}${form(secret)}${after}`, [secret]);
      expect(redacted).not.toContain(secret);
      expect(redacted).not.toContain(secret.trim());
      expect(redacted).not.toContain(encodeURIComponent(secret));
    }),
  );
});

test('all of several ids go, the ones within others too', () => {
  const text = 'user/organizations/acme-north/ci of acme at acme%2Dnorth';
  expect(redactText(text, ['acme', 'acme-north'])).not.toContain('acme');
});

test('a text without an id stays as it is', () => {
  expect(redactText('ConditionalCheckFailedException: the request failed', ['acme'])).toBe(
    'ConditionalCheckFailedException: the request failed',
  );
});

test('an id too short to be cut out takes the whole text with it', () => {
  expect(redactText('a request of a', ['a'])).toBe('[redacted]');
});
