//! Steps of the critic and of the generator of lines, at the sizes of the paper's model of characters (512 channels, 5 blocks,
//! 32 characters, batch 64) and smaller ones. `scripts/peer_wgan_gp.py` times PyTorch at the same shapes.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use irgan::nn::{Learner, Parameters};
use irgan::seed::Stream;
use irgan::text::wgan::{Critic, CriticBatch, LineGenerator, Objective, WganConfig, WganSize};
use ndarray::Array2;
use rand::Rng as _;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

const VOCABULARY: usize = 64;

fn steps(criterion: &mut Criterion) {
    irgan::memory::keep_freed();
    let mut group = criterion.benchmark_group("lines");
    group.sample_size(10);
    for (channels, blocks) in [(96, 3), (256, 5), (512, 5)] {
        let mut config = WganConfig::preset(Objective::Wgan, WganSize::Large);
        (config.generator.channels, config.generator.blocks) = (channels, blocks);
        (config.critic.channels, config.critic.blocks) = (channels, blocks);
        let mut rng = Stream::new(1).rng();
        let generator = LineGenerator::new(&config.generator, config.length, VOCABULARY, &mut rng);
        let critic = Critic::new(&config.critic, config.length, VOCABULARY, &mut rng);
        let mut critic = Learner::new(critic, config.critic.optimizer);
        let shape = (config.batch, config.length);
        let real = Array2::from_shape_simple_fn(shape, || rng.random_range(0..VOCABULARY as u32));
        let mixture: Vec<f32> = (0..config.batch).map(|_| rng.random()).collect();
        let noise = generator.noise(config.batch, &mut rng);
        let drawn = generator.forward(noise.clone()).soft;
        let size = format!("C{channels}-N{blocks}-T32-V64-B64");
        group.bench_function(format!("critic step with penalty/{size}"), |bench| {
            bench.iter(|| {
                let batch = CriticBatch { real: real.view(), drawn: drawn.view(), mixture: &mixture };
                let (mut gradient, found) = critic.gradient(batch, Objective::Wgan, 10.0);
                critic.update(&mut gradient);
                black_box(found);
            });
        });
        group.bench_function(format!("generator step/{size}"), |bench| {
            bench.iter(|| {
                let lines = generator.forward(noise.clone());
                let (d_soft, _) = critic.gradient_at_input(lines.soft.view(), Objective::Wgan);
                let mut gradient = generator.zeros_like();
                generator.backward(&lines, d_soft, &mut gradient);
                black_box(gradient);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
