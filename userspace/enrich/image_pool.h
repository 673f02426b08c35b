// SPDX-License-Identifier: Apache-2.0
// Memory for images. Hundreds of thousands of images may be made and freed within one batch: they
// lie beside each other in the order in which they are made, and freed memory is used again before
// it is given back to the allocator. For the holder of the life lock.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "enrich/image.h"

namespace saker::enrich {

struct ImageSlab;

class ImagePool {
 public:
  ImagePool();
  // All images were given back.
  ~ImagePool();

  // A new image whose facts are still those of an earlier one: the caller sets all of them.
  Image* take();
  void give_back(Image* image);
  // Frees slabs that were not needed since the previous call, a part of them each time.
  void trim();

 private:
  // So that trim() takes little time; 8 MiB.
  static constexpr std::size_t most_trimmed = 64;

  ImageSlab* another();
  void leave_open(ImageSlab& slab);
  void open(ImageSlab& slab);

  std::vector<std::unique_ptr<ImageSlab>> slabs_;
  ImageSlab* filling_ = nullptr;  // images are taken from it
  ImageSlab* open_ = nullptr;     // list of others, in which some images are free
  std::vector<ImageSlab*> empty_;
  std::size_t least_empty_ = 0;  // the smallest size of empty_ since trim()
};

}  // namespace saker::enrich
