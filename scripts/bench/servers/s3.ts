import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET } from '../../../test/support/s3/stand-in.ts';

/** The stand-in S3 server as a process of its own. It answers each message with the writes since the one before. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
}

await using s3 = await S3StandIn.start();
const ready: S3Server = {
  endpoint: `http://127.0.0.1:${s3.port}`,
  bucket: STAND_IN_BUCKET,
  accessKey: STAND_IN_ACCESS_KEY,
};
process.on('message', () => {
  const writes = s3.count('PUT') + s3.count('DELETE');
  s3.calls.length = 0;
  process.send?.(writes);
});
process.send?.(ready);
await new Promise((resolve) => process.once('disconnect', resolve));
