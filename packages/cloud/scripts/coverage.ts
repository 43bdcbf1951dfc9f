// Writes docs/reference/coverage.md from the services themselves; `--check` fails where it is not up to date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startCloud } from '../src/cloud.ts';
import type { Service } from '../src/kernel/service.ts';
import { loadServices } from '../src/services/index.ts';
import { DATA_SOURCES } from '../src/terraform/data-sources/index.ts';
import { providerSchema } from '../src/terraform/schema.ts';
import { loadWireModel } from '../src/wire/schemas.ts';

const SERVICES = join(import.meta.dirname, '../src/services');
const PAGE = join(import.meta.dirname, '../../../docs/reference/coverage.md');

async function main(args: readonly string[]): Promise<void> {
  const page = await render(await declaredServices());
  if (!args.includes('--check')) {
    writeFileSync(PAGE, page);
  } else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) {
    console.error('docs/reference/coverage.md is not up to date: run node packages/cloud/scripts/coverage.ts');
    process.exitCode = 1;
  }
}

/** Services as they declare themselves, in a cloud that serves nobody. */
async function declaredServices(): Promise<Service[]> {
  const cloud = await startCloud({ services: [] });
  const services = (await loadServices()).map((create) => create(cloud.kernel));
  await cloud.stop();
  return services.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function render(services: readonly Service[]): Promise<string> {
  const sections = await Promise.all(services.map(section));
  const dataSources = [...DATA_SOURCES, ...services.flatMap(({ dataSources: own = [] }) => own)];
  return `${[
    '# Coverage',
    'What the cloud answers, and what it refuses: with HTTP 501 and its name. So it does with members of a request that it does not know what to do with: those that are listed, and those that a service refuses for their values. A Terraform type that is not listed is refused by `terraform validate`.',
    ...sections,
    '## Terraform',
    `Schemas are those of hashicorp/aws ${providerSchema().release}. Every resource type is live: it goes through the operations above.`,
    `**Data sources:** ${names(dataSources.map(({ type }) => type))}`,
    '<!-- Written by packages/cloud/scripts/coverage.ts. -->',
  ].join('\n\n')}\n`;
}

async function section({ name, client, operations, unsupported = {}, resources }: Service): Promise<string> {
  const model = await loadWireModel(client);
  const live = Object.keys(operations);
  const refused = [...model.operations.keys()].filter((each) => !live.includes(each));
  const members = Object.entries(unsupported).flatMap(([operation, all]) => all.map((each) => `${operation}.${each}`));
  return [
    `## ${headline(name)}`,
    description(name),
    `**Operations:** ${live.length} of ${model.operations.size}, in ${model.protocol}: ${names(live)}`,
    ...(refused.length > 0 ? [`**Refused (501):** ${names(refused)}`] : []),
    ...(members.length > 0 ? [`**Members refused (501):** ${names(members)}`] : []),
    ...(resources.length > 0 ? [`**Terraform types:** ${names(resources.map(({ type }) => type))}`] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const names = (all: readonly string[]): string =>
  [...all]
    .toSorted()
    .map((name) => `\`${name}\``)
    .join(', ');

/** The comment at the top of a service's `index.ts`: a headline, then what it answers and what not. */
const comment = (service: string): string[] =>
  readFileSync(join(SERVICES, folderOf(service), 'index.ts'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('//'))
    .map((line) => line.slice(2).trim());

/** Folders are in words, `secrets-manager`, where AWS's name for a service may be in one. */
const folderOf = (service: string): string =>
  readdirSync(SERVICES).find((folder) => folder.replaceAll('-', '') === service) ?? service;

const headline = (service: string): string => (comment(service)[0] ?? service).replace(/\.$/, '');

/** A sentence that begins with `Gaps:`, say, is a paragraph of its own. */
const description = (service: string): string =>
  comment(service)
    .slice(1)
    .join(' ')
    .trim()
    .replaceAll(/ ?(Answers|Gaps|By design|Client quirks):/g, '\n\n**$1:**')
    .trim();

await main(process.argv.slice(2));
