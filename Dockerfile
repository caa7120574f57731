# Build: docker build -t yardmaster .
# Run:   docker run -p 8000:8000 -v yardmaster:/var/lib/yardmaster \
#          -v ./config.yaml:/etc/yardmaster/config.yaml:ro --read-only --tmpfs /tmp yardmaster
FROM node:22-bookworm-slim AS build
WORKDIR /opt/yardmaster
COPY package.json package-lock.json ./
# Serial ports come with prebuilt binaries: no install script is needed.
RUN npm ci --ignore-scripts
COPY scripts scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/yardmaster
COPY --from=build /opt/yardmaster/package.json ./
COPY --from=build /opt/yardmaster/node_modules node_modules
COPY --from=build /opt/yardmaster/dist dist
COPY config config
RUN mkdir -p /var/lib/yardmaster /etc/yardmaster && chown node:node /var/lib/yardmaster
VOLUME /var/lib/yardmaster
USER node
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/yardmaster/dist/main.js"]
CMD ["run", "--data-dir", "/var/lib/yardmaster"]
