# An image with flagops, Node.js and git. It contains exactly what `npm pack` ships:
#
#   npm ci && npm pack && docker build --tag flagops .
#   docker run --rm flagops --help
#
# It runs as an unprivileged user, also with a read-only root file system. Everything that a run writes is below
# /scratch, which is to be a volume then: the clone, and with it what flagops remembers in .git; $HOME; and $TMPDIR.

# For linux/amd64 and linux/arm64.
FROM node:24.21.0-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

# git needs the certificates; Node.js has its own.
# Debian only keeps the newest versions, so pinned ones would soon fail to install.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /opt/package/dist/cli.js /usr/local/bin/flagops \
  && install --directory --owner=node --group=node /scratch

# Unpacks to /opt/package. The package contains its dependencies, so nothing is installed.
ADD flagops-0.1.0.tgz /opt/

ENV HOME=/scratch TMPDIR=/scratch
WORKDIR /scratch
# The user `node`. Kubernetes can only check runAsNonRoot if it is a number.
USER 1000:1000
ENTRYPOINT ["flagops"]
CMD ["--help"]
