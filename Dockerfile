# A small image with the server and its embedded web client, without the tools that build them.

FROM rust:1.95.0-slim-bookworm AS build
# The toolchain of this image; otherwise rustup would also fetch the formatter and the linter of rust-toolchain.toml.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo xtask build && install -D target/release/tandem /out/tandem

FROM debian:bookworm-slim
# Certificate authorities for connections to providers.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/tandem /usr/local/bin/tandem
RUN install --directory --mode=0700 --owner=10001 --group=10001 /data
USER 10001:10001
# The folder for a mounted tandem.toml and for the SQLite database, which needs a volume.
WORKDIR /data
ENV TANDEM_LISTEN=0.0.0.0:8080 \
    TANDEM_DATA_DIR=/data
EXPOSE 8080
STOPSIGNAL SIGTERM
# The image has bash but neither curl nor wget: bash opens the connection and checks for status 200.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${TANDEM_LISTEN##*:} && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == 'HTTP/1.1 200'* ]]"]
ENTRYPOINT ["tandem"]
CMD ["serve"]
