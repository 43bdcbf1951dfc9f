// Random passwords. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
import { randomInt } from 'node:crypto';

import type { GetRandomPasswordRequest } from '@aws-sdk/client-secrets-manager';

import { invalidParameter } from './errors.ts';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const USUAL_LENGTH = 32;
const LONGEST = 4096;

export function randomPassword(input: GetRandomPasswordRequest): string {
  const { PasswordLength: length = USUAL_LENGTH, ExcludeCharacters: excluded = '' } = input;
  const types = [
    input.ExcludeLowercase ? '' : LOWERCASE,
    input.ExcludeUppercase ? '' : LOWERCASE.toUpperCase(),
    input.ExcludeNumbers ? '' : '0123456789',
    input.ExcludePunctuation ? '' : PUNCTUATION,
    input.IncludeSpace ? ' ' : '',
  ]
    .map((type) => type.split('').filter((character) => !excluded.includes(character)))
    .filter((type) => type.length > 0);
  const all = types.flat();
  const required = input.RequireEachIncludedType === false ? [] : types;
  if (length < 1 || length > LONGEST) throw invalidParameter(`PasswordLength has to be between 1 and ${LONGEST}.`);
  if (all.length === 0) throw invalidParameter('No characters are left to make a password of.');
  if (length < required.length) {
    throw invalidParameter(`A password of ${length} cannot have each of ${required.length} types of character.`);
  }
  const characters = [...required.map(pick), ...Array.from({ length: length - required.length }, () => pick(all))];
  return shuffle(characters).join('');
}

const pick = (characters: readonly string[]): string => characters[randomInt(characters.length)]!;

function shuffle(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other]!, characters[last]!];
  }
  return characters;
}
