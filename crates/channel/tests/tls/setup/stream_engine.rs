//! An engine that echoes and streams.

use loopwire_channel::{
    Command, Engine, EngineSpec, FrameBuffer, FrameSource, Input, Peer, SourceState,
};
use prometheus_client::encoding::DescriptorEncoder;
use ring::digest::{Context, SHA256};
use serde::Deserialize;
use serde_json::{Value, json};

/// The largest body of a frame of [`Noise`].
const LONGEST: usize = 40_000;

/// The engine.
pub(crate) struct StreamEngine;

#[derive(Deserialize)]
struct Wanted {
    bytes: usize,
}

impl Engine for StreamEngine {
    fn spec(&self) -> &'static EngineSpec {
        &EngineSpec {
            commands: &["test:"],
            ..EngineSpec::EMPTY
        }
    }

    fn command(&self, command: Command) {
        match command.name() {
            "test:echo" => {
                if let Some((data, reply)) = command.read::<Value>("an object") {
                    reply.send(&data);
                }
            }
            "test:stream" => {
                if let Some((Wanted { bytes }, reply)) = command.read("a number of bytes") {
                    let peer = reply.peer().clone();
                    reply.send(&json!({"bytes": bytes}));
                    peer.attach(Box::new(Stream(Noise::new(bytes))));
                }
            }
            _ => command.unknown(),
        }
    }

    fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        peer.attach(Box::new(Echo(Some(input))));
        None
    }

    fn metrics(&self, _: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// Bytes without a pattern that a wrong offset would not change, in pieces of all sizes.
pub(crate) struct Noise {
    state: u32,
    left: usize,
}

impl Noise {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self {
            state: 0x2545_f491,
            left: bytes,
        }
    }

    fn step(&mut self) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        self.state
    }

    /// The hash of all of it.
    pub(crate) fn hash(self) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        self.for_each(|piece| context.update(&piece));
        context.finish().as_ref().to_vec()
    }
}

impl Iterator for Noise {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.left == 0 {
            return None;
        }
        let len = (1 + self.step() as usize % LONGEST).min(self.left);
        self.left -= len;
        let words = (0..len.div_ceil(4)).flat_map(|_| self.step().to_be_bytes());
        Some(words.take(len).collect())
    }
}

struct Stream(Noise);

impl FrameSource for Stream {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        while !frames.is_full() {
            let Some(piece) = self.0.next() else {
                return SourceState::Ended;
            };
            let (head, body) = piece.split_at(piece.len() / 2);
            frames.binary(head, &[body]);
        }
        SourceState::More
    }
}

struct Echo(Option<Input>);

impl FrameSource for Echo {
    fn render(&mut self, frames: &mut FrameBuffer<'_>) -> SourceState {
        if let Some(input) = self.0.take() {
            frames.binary(&[], &[&input]);
        }
        SourceState::Ended
    }
}
