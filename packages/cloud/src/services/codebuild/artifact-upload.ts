// What a build leaves in S3: its artifacts, the primary one and others, and its log.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import type { BuildArtifacts, ProjectArtifacts } from '@aws-sdk/client-codebuild';

import { ArtifactsError, collectArtifacts, zipArtifacts } from '../../runtime/build/artifacts.ts';
import type { BuildspecArtifact, BuildspecArtifacts } from '../../runtime/build/buildspec-outputs.ts';
import type { BuildS3 } from './build-s3.ts';
import { logObject, type Build } from './builds.ts';

export interface BuiltArtifacts {
  readonly declared: BuildspecArtifacts | undefined;
  /** What the names of artifacts came to in the build's shell, by their identifiers; the primary one's is empty. */
  readonly names: ReadonlyMap<string, string>;
  readonly source: string;
}

/** Puts the artifacts where the project says, and answers where they are; the primary one's location is empty where there is none. */
export async function uploadArtifacts(
  s3: BuildS3,
  build: Build,
  { declared, names, source }: BuiltArtifacts,
): Promise<{ primary: BuildArtifacts; secondary: BuildArtifacts[] }> {
  const { artifacts: settings, secondaryArtifacts = [] } = build.settings;
  const upload = (place: ProjectArtifacts, artifact: BuildspecArtifact | undefined, identifier: string) => {
    if (!artifact)
      throw new ArtifactsError(
        `The buildspec names no artifacts${identifier && ` for ${identifier}`}, but the project has a place for them`,
      );
    return uploadArtifact(s3, build, place, { artifact, name: names.get(identifier), source });
  };
  const unknown = Object.keys(declared?.secondary ?? {}).find(
    (identifier) => !secondaryArtifacts.some(({ artifactIdentifier }) => artifactIdentifier === identifier),
  );
  if (unknown !== undefined) throw new ArtifactsError(`The project has no secondary artifact ${unknown}`);
  const primary = settings!.type === 'S3' ? await upload(settings!, declared, '') : { location: '' };
  const secondary: BuildArtifacts[] = [];
  for (const place of secondaryArtifacts) {
    const identifier = place.artifactIdentifier!;
    const artifact = Object.hasOwn(declared?.secondary ?? {}, identifier) ? declared!.secondary[identifier] : undefined;
    secondary.push({ ...(await upload(place, artifact, identifier)), artifactIdentifier: identifier });
  }
  return { primary, secondary };
}

async function uploadArtifact(
  s3: BuildS3,
  build: Build,
  {
    location = '',
    path = '',
    namespaceType,
    packaging,
    name,
    overrideArtifactName,
    encryptionDisabled,
    bucketOwnerAccess,
  }: ProjectArtifacts,
  found: { artifact: BuildspecArtifact; name: string | undefined; source: string },
): Promise<BuildArtifacts> {
  const files = await collectArtifacts(found.artifact, found.source);
  const called = (overrideArtifactName ? found.name : undefined) ?? name ?? build.project;
  const namespace = namespaceType === 'BUILD_ID' ? [found.artifact.s3Prefix ?? '', build.id.split(':')[1]!] : [];
  const key = [path, ...namespace, called]
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
  const put = (to: string, body: Uint8Array) => s3.put({ bucket: location, key: to }, body, encryptionDisabled);
  const answer = {
    location: `arn:aws:s3:::${location}/${key}`,
    overrideArtifactName: overrideArtifactName ?? false,
    encryptionDisabled: encryptionDisabled ?? false,
    ...(bucketOwnerAccess !== undefined && { bucketOwnerAccess }),
  };
  if (packaging === 'ZIP') {
    const zip = zipArtifacts(files);
    await put(key, zip);
    const sum = (algorithm: string) => createHash(algorithm).update(zip).digest('hex');
    return { ...answer, md5sum: sum('md5'), sha256sum: sum('sha256') };
  }
  for (const [file, { bytes }] of files) await put([key, file].filter(Boolean).join('/'), bytes);
  return answer;
}

/** Puts the build's whole log into the bucket that its project names, compressed, as `<path>/<build id>.gz`. */
export async function uploadLog(s3: BuildS3, build: Build, lines: readonly string[]): Promise<void> {
  const object = logObject(build);
  if (!object) return;
  const { encryptionDisabled } = build.settings.logsConfig?.s3Logs ?? {};
  await s3.put(object, gzipSync(`${lines.join('\n')}\n`), encryptionDisabled);
}
