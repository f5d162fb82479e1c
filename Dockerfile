# syntax=docker/dockerfile:1
# The image of the weir binary. It runs the roles that its command line names,
# against a NATS and a Postgres that exist; see compose.yaml.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/weir ./cmd/weir

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/weir --create-home weir
COPY --from=build /out/weir /usr/local/bin/weir
USER weir
WORKDIR /var/lib/weir
# 8080 is the HTTP interface.
EXPOSE 8080
ENTRYPOINT ["weir"]
CMD ["--help"]
