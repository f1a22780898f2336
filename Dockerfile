# flowkeep in a container: one program, no root, nothing to compile with. The root file system may be read-only: only
# /data (snapshots of a git store, clones) and /tmp are written to.

# To pin the base: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:DIGEST, with the digest of the day that you checked.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the only one belongs to the `node` package, which this image brings by itself.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build.ts ./scripts/
COPY src ./src
RUN npm run build && chmod 755 dist/main.js

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete

FROM ${NODE_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="flowkeep" \
      org.opencontainers.image.description="Scheduled backup and restore for n8n through its public API" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
  && install --directory --owner=1000 --group=1000 /data \
  && ln -s /app/dist/main.js /usr/local/bin/flowkeep
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./

# Relative paths, such as that of the default store (./n8n-backup) and of flowkeep.yaml, start from here.
WORKDIR /data
ENV NODE_ENV=production \
    XDG_CACHE_HOME=/data/cache \
    FLOWKEEP_HTTP_HOST=0.0.0.0
USER 1000:1000
VOLUME ["/data", "/tmp"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.FLOWKEEP_HTTP_PORT || 8080}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Process 1 must wait for every process that loses its parent, such as the helper of a git that failed: node does not, so
# each would stay as a zombie. With -s also where a pod shares its process ids, so that this is not process 1.
ENTRYPOINT ["tini", "-s", "--", "flowkeep"]
CMD ["daemon"]
