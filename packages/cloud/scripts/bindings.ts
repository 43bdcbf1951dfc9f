// Reads a Terraform type's schema out of the generated code of @cdktn/provider-aws, as text: importing it costs hundreds of megabytes.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Attribute, Block, NestedBlock, NestedType, Schema, Type } from '../src/terraform/schema.ts';

/** One member of a generated class: the comment's flags and the expression that reads it. */
interface Member {
  readonly name: string;
  readonly flags: string;
  readonly expression: string;
}

/** The generated code of one Terraform type, indexed. */
interface Source {
  /** The class of the resource or data source itself. */
  readonly main: string;
  readonly members: ReadonlyMap<string, readonly Member[]>;
  /** How each class's attributes are collected (`simple`, `list`, `set`, `map` or `struct`), by class and name. */
  readonly shapes: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** What the declarations call a block, by interface and name. */
  readonly blocks: ReadonlyMap<string, ReadonlySet<string>>;
}

// The bindings are the dependency of the building blocks.
const library = dirname(
  createRequire(new URL('../../blocks/package.json', import.meta.url)).resolve('@cdktn/provider-aws/package.json'),
);

/** The schema of a resource or data source as the bindings know it, e.g. `readBindings('resource', 'aws_s3_bucket')`. */
export function readBindings(kind: 'resource' | 'data source', type: string): Schema {
  const folder = type.replace(/^aws_/, kind === 'resource' ? '' : 'data-aws-').replaceAll('_', '-');
  const source = readSource(folder);
  return readBlock(source, source.main, `${source.main}Config`);
}

/** The release of hashicorp/aws that the bindings describe. */
export function bindingsRelease(): string {
  const release = /providerVersion: '([\d.]+)'/.exec(readFileSync(join(library, 'lib/provider/index.js'), 'utf8'))?.[1];
  if (!release) throw new Error('the bindings do not say which release of the provider they describe');
  return release;
}

/** The schema of the provider's own configuration, whose nested types have declarations but no classes. */
export function readProviderBindings(): Schema {
  const code = readCode('provider', '.js');
  const declarations = readCode('provider', '.d.ts');
  const shapes = readShapes(code);
  const read = (interfaceName: string, className: string): Block => {
    const attributes: Record<string, Attribute> = {};
    const blocks: Record<string, NestedBlock> = {};
    for (const [name, { shape, storage }] of shapes.get(className) ?? []) {
      const property = new RegExp(`interface ${interfaceName} {[^}]*?#${name}[ }][^;]*?readonly \\w+(\\??):`).exec(
        declarations.replaceAll('[key: string]: string;\n    }', ''),
      );
      const required = property?.[1] === '';
      const nested = /^(AwsProvider\w+?)(List)?$/.exec(storage)?.[1];
      // cdktn's own: which of several configurations of the provider this is.
      if (name === 'alias') continue;
      if (nested) blocks[name] = { nesting: shape === 'set' ? 'set' : 'list', ...read(nested, nested) };
      else attributes[name] = [required ? 'r' : 'o', storageType(storage, shape)];
    }
    return withBlocks(attributes, blocks);
  };
  return read('AwsProviderConfig', 'AwsProvider');
}

function readSource(folder: string): Source {
  const code = readCode(folder, '.js');
  const main = /^class (\w+) extends cdktn\.Terraform(?:Resource|DataSource) /m.exec(code)?.[1];
  if (!main) throw new Error(`the bindings in ${folder} declare no resource and no data source`);
  const members = new Map<string, Member[]>();
  for (const [, name = '', body = ''] of code.matchAll(/^class (\w+) extends [^\n]+\n([\s\S]*?)^}/gm)) {
    members.set(name, readMembers(body));
  }
  const shapes = new Map(
    [...readShapes(code)].map(([name, entries]) => [
      name,
      new Map([...entries].map(([attribute, { shape }]) => [attribute, shape])),
    ]),
  );
  const blocks = new Map<string, Set<string>>();
  for (const [, name = '', body = ''] of readCode(folder, '.d.ts').matchAll(
    /^export interface (\w+)[^{]*{\n([\s\S]*?)^}/gm,
  )) {
    blocks.set(name, new Set([...body.matchAll(/\/\*\*\n *\* (\w+) block\n/g)].map(([, block = '']) => block)));
  }
  return { main, members, shapes, blocks };
}

/** All generated files of a type as one text; the largest types are spread over several. */
function readCode(folder: string, extension: '.js' | '.d.ts'): string {
  const start = join(library, 'lib', folder);
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .toSorted()
    .map((file) => readFileSync(join(start, file), 'utf8').replace(/^\/\/# sourceMappingURL.*$/m, ''))
    .join('\n');
}

const MEMBER =
  /^ {4}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n(?: {4}_\w+ = (new [^\n]+);\n| {4}_\w+;\n)?(?: {4}\/\*\*\n {4}\* @deprecated Write-only[^\n]+\n {4}\*\/\n)? {4}get \w+\(\) {\n {8}return ([^\n]+);/gm;

function readMembers(body: string): Member[] {
  // In the plain form, an attribute to a line; the one for HCL wraps each in an object, as its `value`.
  const marked = /^ {12}(\w+): this\.markWriteOnlyAttribute\(/gm;
  const writeOnly = new Set([...body.matchAll(marked)].map(([, name]) => name));
  return [...body.matchAll(MEMBER)].map(([, name = '', computed, optional, required, created, returned = '']) => ({
    name,
    flags:
      (required === 'true' ? 'r' : '') +
      (optional === 'true' ? 'o' : '') +
      (computed === 'true' ? 'c' : '') +
      (writeOnly.has(name) ? 'w' : ''),
    expression: created ?? returned,
  }));
}

function readShapes(code: string): Map<string, Map<string, { shape: string; storage: string }>> {
  const entry = /^ +(\w+): {\n +value: [^\n]+\n +isBlock: \w+,\n +type: "(\w+)",\n +storageClassType: "(\w+)",/gm;
  const shapes = new Map<string, Map<string, { shape: string; storage: string }>>();
  const add = (name: string, body: string) =>
    shapes.set(
      name,
      new Map([...body.matchAll(entry)].map(([, key = '', shape = '', storage = '']) => [key, { shape, storage }])),
    );
  for (const [, name = '', body = ''] of code.matchAll(/^function (\w+)ToHclTerraform\([\s\S]*?\n([\s\S]*?)^}/gm)) {
    add(name.charAt(0).toUpperCase() + name.slice(1), body);
  }
  for (const [, name = '', body = ''] of code.matchAll(
    /^class (\w+) extends cdktn\.Terraform[\s\S]*?synthesizeHclAttributes\(\) {\n([\s\S]*?)^}/gm,
  )) {
    add(name, body);
  }
  return shapes;
}

function readBlock(source: Source, className: string, interfaceName: string): Block {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, NestedBlock> = {};
  for (const { name, flags, expression } of source.members.get(className) ?? []) {
    const created = /^new (?:\w+_\d+\.)?(\w+?)(List|OutputReference|Map)\(this, "\w+"(?:, (true|false))?\)$/.exec(
      expression,
    );
    if (!created) {
      attributes[name] = [flags, expressionType(expression)];
      continue;
    }
    const [, nested = '', collection, wrapsSet] = created;
    const shape = source.shapes.get(className.replace(/OutputReference$/, ''))?.get(name);
    const nesting =
      collection === 'List'
        ? wrapsSet === 'true'
          ? 'set'
          : 'list'
        : collection === 'Map'
          ? 'map'
          : shape === 'list' || shape === 'set'
            ? shape
            : 'single';
    const inner = readBlock(source, `${nested}OutputReference`, nested);
    if (source.blocks.get(interfaceName)?.has(name) && nesting !== 'map') {
      const min = flags.includes('r') ? { min: 1 } : {};
      const max = collection === 'OutputReference' && nesting !== 'single' ? { max: 1 } : {};
      blocks[name] = { nesting, ...min, ...max, ...inner };
    } else {
      attributes[name] = [
        flags,
        flags === 'c' ? objectType(inner, nesting) : { nesting, attributes: inner.attributes },
      ];
    }
  }
  return withBlocks(attributes, blocks);
}

/** The plain type of a computed attribute that holds objects: nobody writes it, so how it nests makes no difference. */
function objectType(inner: Block, nesting: NestedType['nesting']): Type {
  const object: Type = [
    'object',
    Object.fromEntries(
      Object.entries(inner.attributes).map(([name, [, type]]) => {
        if (typeof type === 'object' && !Array.isArray(type)) throw new Error(`${name} mixes nested and plain types`);
        return [name, type as Type];
      }),
    ),
  ];
  return nesting === 'single' ? object : [nesting, object];
}

function expressionType(expression: string): Type {
  const getter = /(?:this\.get(\w+?)Attribute\(|new cdktn\.(\w+)\()/.exec(expression);
  const collection = expression.includes('cdktn.Fn.tolist(') ? 'set' : 'list';
  switch (getter?.[1] ?? getter?.[2]) {
    case 'String':
      return 'string';
    case 'Number':
      return 'number';
    case 'Boolean':
      return 'bool';
    case 'List':
      return [collection, 'string'];
    case 'NumberList':
      return [collection, 'number'];
    case 'StringMap':
      return ['map', 'string'];
    case 'NumberMap':
      return ['map', 'number'];
    case 'BooleanMap':
      return ['map', 'bool'];
    default:
      throw new Error(`no type is known for ${expression}`);
  }
}

function storageType(storage: string, shape: string): Type {
  switch (storage) {
    case 'string':
    case 'number':
      return storage;
    case 'boolean':
      return 'bool';
    case 'stringList':
      return [shape === 'set' ? 'set' : 'list', 'string'];
    case 'stringMap':
      return ['map', 'string'];
    default:
      throw new Error(`no type is known for ${storage}`);
  }
}

const withBlocks = (attributes: Record<string, Attribute>, blocks: Record<string, NestedBlock>): Block =>
  Object.keys(blocks).length > 0 ? { attributes, blocks } : { attributes };
