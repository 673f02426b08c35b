// SPDX-License-Identifier: Apache-2.0
#include "enrich/image_pool.h"

#include <algorithm>
#include <array>

namespace saker::enrich {
namespace {

constexpr std::size_t slab_bytes = 128u << 10;

}  // namespace

// Aligned, so that an image's address says in which one it is.
struct alignas(slab_bytes) ImageSlab {
  static constexpr std::size_t size = (slab_bytes - 64) / sizeof(Image);

  static ImageSlab& of(const Image* image) {
    return *reinterpret_cast<ImageSlab*>(reinterpret_cast<std::uintptr_t>(image) &
                                         ~std::uintptr_t{slab_bytes - 1});
  }

  std::array<Image, size> images;
  std::size_t index = 0;  // its place in slabs_
  std::size_t taken = 0;
  std::size_t begun = 0;      // the images before it were taken since the slab was empty
  Image* free = nullptr;      // list of those of them that were given back
  ImageSlab* next = nullptr;  // in the list open_
  ImageSlab* before = nullptr;
};
static_assert(sizeof(ImageSlab) == slab_bytes);

namespace {

// Memory that was freed a while ago is in no cache: reading it begins before it is needed.
void fetch(const Image& image) {
  const char* begin = reinterpret_cast<const char*>(&image);
  for (std::size_t at = 0; at < sizeof(Image); at += 64) __builtin_prefetch(begin + at, 1);
}

}  // namespace

ImagePool::ImagePool() = default;
ImagePool::~ImagePool() = default;

Image* ImagePool::take() {
  if (!filling_) filling_ = another();
  ImageSlab& slab = *filling_;
  Image* image = slab.free;
  if (image)
    slab.free = image->next;
  else
    image = &slab.images[slab.begun++];
  const std::size_t soon = slab.begun + 4;
  if (soon < ImageSlab::size) fetch(slab.images[soon]);
  if (++slab.taken == ImageSlab::size) filling_ = nullptr;
  image->reset();
  return image;
}

ImageSlab* ImagePool::another() {
  if (ImageSlab* slab = open_) {
    leave_open(*slab);
    return slab;
  }
  if (empty_.empty()) {
    slabs_.push_back(std::make_unique_for_overwrite<ImageSlab>());
    slabs_.back()->index = slabs_.size() - 1;
    return slabs_.back().get();
  }
  ImageSlab* slab = empty_.back();
  empty_.pop_back();
  least_empty_ = std::min(least_empty_, empty_.size());
  return slab;
}

void ImagePool::give_back(Image* image) {
  image->let_go();
  ImageSlab& slab = ImageSlab::of(image);
  image->next = slab.free;
  slab.free = image;
  const bool was_full = slab.taken-- == ImageSlab::size;
  if (&slab == filling_) return;
  if (was_full) open(slab);
  if (slab.taken != 0) return;
  leave_open(slab);
  slab.begun = 0;
  slab.free = nullptr;
  empty_.push_back(&slab);
}

void ImagePool::open(ImageSlab& slab) {
  slab.before = nullptr;
  slab.next = open_;
  if (open_) open_->before = &slab;
  open_ = &slab;
}

void ImagePool::leave_open(ImageSlab& slab) {
  if (slab.before) slab.before->next = slab.next;
  if (slab.next) slab.next->before = slab.before;
  if (open_ == &slab) open_ = slab.next;
}

void ImagePool::trim() {
  for (std::size_t i = 0; i < std::min(least_empty_, most_trimmed); i++) {
    const std::size_t index = empty_.back()->index;
    empty_.pop_back();
    std::swap(slabs_[index], slabs_.back());
    slabs_[index]->index = index;
    slabs_.pop_back();
  }
  least_empty_ = empty_.size();
}

}  // namespace saker::enrich
