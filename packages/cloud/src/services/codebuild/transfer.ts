// What a build brings in from S3 and leaves there, with its role's permissions.
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import type { Body, Kernel, SessionCredentials } from '../../kernel/service.ts';
import { ArtifactsError, collectArtifacts, zipArtifacts } from '../../runtime/build/artifacts.ts';
import { BuildspecError, type BuildspecArtifacts } from '../../runtime/build/buildspec.ts';
import { parseS3Location, SourceError, unpack } from '../../runtime/build/source.ts';
import type { Build } from './builds.ts';

/** Fetches the source into `folder` and answers the text of the buildspec. */
export async function downloadSource(
  kernel: Kernel,
  build: Pick<Build, 'settings' | 'region' | 'sourceVersion'>,
  session: SessionCredentials,
  folder: string,
): Promise<string> {
  const { type, location, buildspec } = build.settings.source!;
  if (type === 'S3') {
    const { bucket, key } = parseS3Location(location!);
    const { Body } = await kernel.invoke<object, { Body: Body }>(
      's3',
      'GetObject',
      { Bucket: bucket, Key: key, VersionId: build.sourceVersion },
      { principal: session.principal, region: build.region },
    );
    await unpack(Body instanceof Uint8Array ? Body : await buffer(Body), folder);
  }
  // A buildspec is given as it stands, or as a path in the source.
  if (buildspec?.includes('\n') || buildspec?.trimStart().startsWith('{')) return buildspec;
  const path = normalize(join(folder, buildspec || 'buildspec.yml'));
  if (!path.startsWith(folder)) throw new SourceError(`The buildspec ${buildspec} is outside of the source`);
  return readFile(path, 'utf8').catch(() => {
    throw new BuildspecError(`stat ${buildspec || 'buildspec.yml'}: no such file or directory`);
  });
}

/** Puts the artifacts where the project says; answers their location, undefined where there are none. */
export async function uploadArtifacts(
  kernel: Kernel,
  build: Build,
  session: SessionCredentials,
  declared: BuildspecArtifacts | undefined,
  source: string,
): Promise<string | undefined> {
  const { type, location, path = '', namespaceType, packaging, name, overrideArtifactName } = build.settings.artifacts!;
  if (type !== 'S3') return undefined;
  if (!declared) throw new ArtifactsError('The buildspec names no artifacts, but the project has a place for them');
  const files = await collectArtifacts(declared, source);
  const called = (overrideArtifactName ? declared.name : undefined) ?? name ?? build.project;
  const namespace = namespaceType === 'BUILD_ID' ? build.id.split(':')[1]! : '';
  const prefix = [path.replace(/^\/|\/$/g, ''), namespace, called]
    .filter((part) => part !== '' && part !== '/')
    .join('/');
  const put = (key: string, body: Uint8Array) =>
    kernel.invoke(
      's3',
      'PutObject',
      { Bucket: location, Key: key, Body: body },
      { principal: session.principal, region: build.region },
    );
  if (packaging === 'ZIP') {
    await put(prefix, zipArtifacts(files));
  } else {
    for (const [file, bytes] of files) await put(`${prefix}/${file}`, bytes);
  }
  return `arn:aws:s3:::${location}/${prefix}`;
}

/** Puts the build's whole log into the bucket that its project names, compressed, as `<path>/<build id>.gz`. */
export async function uploadLog(
  kernel: Kernel,
  build: Build,
  session: SessionCredentials,
  lines: readonly string[],
): Promise<void> {
  const { status, location } = build.settings.logsConfig?.s3Logs ?? {};
  if (status !== 'ENABLED' || !location) return;
  const [bucket = '', ...path] = location.replace(/^arn:aws:s3:::/, '').split('/');
  await kernel.invoke(
    's3',
    'PutObject',
    {
      Bucket: bucket,
      Key: [...path, `${build.id.split(':')[1]}.gz`].join('/'),
      Body: gzipSync(`${lines.join('\n')}\n`),
    },
    { principal: session.principal, region: build.region },
  );
}
